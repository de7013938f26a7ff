package dev.checkpoint4j.cli.support;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.core.CheckpointRepositoryBuilder;
import dev.checkpoint4j.core.Checkpoints;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What it takes to open a store.
 *
 * @param url its URL
 * @param options what is given beside the URL; any of it may be a secret
 */
public record StoreAddress(String url, Map<String, String> options) {

  public StoreAddress {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  public static StoreAddress of(String url) {
    return new StoreAddress(url, Map.of());
  }

  /** The same with an option, unless it has that one. */
  public StoreAddress withDefault(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(options);
    all.putIfAbsent(name, value);
    return new StoreAddress(url, all);
  }

  public CheckpointRepository open() {
    return builder().build();
  }

  public VerificationReport verify(VerificationOptions verification) {
    return builder().verify(verification);
  }

  private CheckpointRepositoryBuilder builder() {
    CheckpointRepositoryBuilder builder = Checkpoints.builder().url(url);
    options.forEach(builder::option);
    return builder;
  }

  /** The URL, with secrets masked, and the names of the options, if there are some. */
  @Override
  public String toString() {
    String masked = BackendConfig.maskSecrets(url);
    return options.isEmpty() ? masked : masked + ", options " + String.join(", ", options.keySet());
  }
}
