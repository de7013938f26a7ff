package dev.checkpoint4j.core;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendOption;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.RecoveryEvent;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.spi.VerifyingProvider;
import dev.checkpoint4j.tck.ReferenceBackend;
import java.util.List;
import java.util.Set;

/** ServiceLookup to be found by tests; registered by each test in a class loader of its own. */
public final class TestProviders {

  private TestProviders() {}

  /** Serves {@code test:}. */
  public static class Plain implements BackendProvider {

    static final BackendOption<Integer> SIZE = BackendOption.integer("size", "A size.", 1, 9);
    static final BackendOption<String> PASSWORD =
        BackendOption.text("password", "A password.").asSecret();

    @Override
    public String id() {
      return "test";
    }

    @Override
    public Set<String> schemes() {
      return Set.of("test");
    }

    @Override
    public UrlStyle urlStyle() {
      return UrlStyle.OPTIONS_IN_QUERY;
    }

    @Override
    public List<BackendOption<?>> options() {
      return List.of(SIZE, PASSWORD);
    }

    @Override
    public BackendStorage open(BackendConfig config, CheckpointCodec codec) {
      return new ReferenceBackend();
    }
  }

  /** Serves {@code test:} too. */
  public static final class Rival extends Plain {}

  /** Repairs something when it is opened. */
  public static final class Repairing extends Plain {

    static final RecoveryEvent REPAIR = new RecoveryEvent("test", "default", null, "repaired");

    @Override
    public BackendStorage open(BackendConfig config, CheckpointCodec codec) {
      config.listener().onRecovery(REPAIR);
      return super.open(config, codec);
    }
  }

  /** Verifies; reports the size that it is given as bytes. */
  public static final class Verifying extends Plain implements VerifyingProvider {

    @Override
    public VerificationReport verify(
        BackendConfig config, CheckpointCodec codec, VerificationOptions options) {
      options.requireReadOnly(id());
      return VerificationReport.builder(options).addBytes(config.require(SIZE)).build();
    }
  }

  /** Cannot be made. */
  public static final class Broken extends Plain {

    /** Fails. */
    public Broken() {
      throw new IllegalStateException("no driver");
    }
  }

  /** Opens nothing. */
  public static final class Empty extends Plain {
    @Override
    @SuppressWarnings("NullAway") // To see what a wrong provider does.
    public BackendStorage open(BackendConfig config, CheckpointCodec codec) {
      return null;
    }
  }

  /** Is handed on and never used, because the reference backend does not encode. */
  public static class Codec implements CheckpointCodec {

    @Override
    public byte[] encode(Checkpoint checkpoint) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Checkpoint decode(byte[] document) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CheckpointHeader decodeHeader(byte[] document) {
      throw new UnsupportedOperationException();
    }
  }

  /** Another codec. */
  public static final class RivalCodec extends Codec {}
}
