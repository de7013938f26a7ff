package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The scope of a test and its handles on the store. */
abstract class StoreHandles extends TckHooks {

  private static final SecureRandom NAMES = new SecureRandom();
  private static final int NAME_LENGTH = 12;
  private static final String ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789";

  private final List<BackendStorage> handles = new ArrayList<>();

  /** Among the values of what is stored; no message contains it. */
  private final String secret = "secret" + newName();

  private Random random = new Random(0);
  private @Nullable TckRun run;
  private @Nullable TckScope scope;
  private @Nullable Path directory;
  private @Nullable BackendStorage storage;

  final void prepare(TckRun run, String test) {
    this.run = run;
    this.random = new Random(run.seed() ^ test.hashCode());
  }

  @BeforeEach
  final void enterScope(@TempDir Path directory) {
    this.directory = directory;
    scope = new TckScope(directory, newName());
  }

  private static String newName() {
    StringBuilder name = new StringBuilder();
    while (name.length() < NAME_LENGTH) {
      int letters = name.isEmpty() ? ALPHANUMERIC.length() - 10 : ALPHANUMERIC.length();
      name.append(ALPHANUMERIC.charAt(NAMES.nextInt(letters)));
    }
    return name.toString();
  }

  /** Leaves the scope of this test and enters another, for a rule that needs several stores. */
  final void freshStore() {
    leaveScope();
    String name = newName();
    try {
      Path location = Objects.requireNonNull(directory, "directory").resolve(name);
      scope = new TckScope(Files.createDirectory(location), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  final void leaveScope() {
    try {
      closeHandles();
    } finally {
      dispose(scope());
    }
  }

  final TckScope scope() {
    return Objects.requireNonNull(scope, "scope");
  }

  /** The handle that a rule works with unless it needs a second one. */
  final BackendStorage storage() {
    if (storage == null) {
      storage = openHandle();
    }
    return storage;
  }

  /** A further handle on the store of this test; closed at its end. */
  final BackendStorage openHandle() {
    BackendStorage handle;
    try {
      handle = open(scope());
    } catch (RuntimeException | Error e) {
      run().openFailed(e);
      throw e;
    }
    assertThat(handle).as("what open(scope) returned").isNotNull();
    handle = new MessageGuard(handle, secret);
    synchronized (handles) {
      handles.add(handle);
    }
    run().saw(handle);
    return handle;
  }

  /** Closes every handle; {@link #storage()} opens a new one. */
  final void closeHandles() {
    synchronized (handles) {
      handles.forEach(BackendStorage::close);
      handles.clear();
    }
    storage = null;
  }

  final String secret() {
    return secret;
  }

  final boolean declares(Capability capability) {
    return storage().descriptor().capabilities().contains(capability);
  }

  final boolean isVolatile() {
    return storage().descriptor().durability() == Durability.VOLATILE;
  }

  final void requireDurability() {
    if (isVolatile()) {
      throw notApplicable("the backend declares durability VOLATILE");
    }
  }

  /** To be called when something was put: a backend that encodes has done it by then. */
  final void requireCodec() {
    if (!scope().isCodecUsed()) {
      throw notApplicable("the backend does not encode with scope.codec()");
    }
  }

  static RuleNotApplicable notApplicable(String reason) {
    return new RuleNotApplicable(reason);
  }

  /** The run of the test class. */
  final TckRun run() {
    return Objects.requireNonNull(run, "run");
  }

  /** How many checkpoints, or sessions, are many. */
  final int volume() {
    return run().volume();
  }

  /** The clock that bounds what a rule repeats. */
  long nanoTime() {
    return System.nanoTime();
  }

  /** Seeded: the same for every run with the same seed. */
  final Random random() {
    return random;
  }
}
