package dev.checkpoint4j.spi;

import java.util.List;
import java.util.Set;

/**
 * Opens the handles of one backend. Registered for {@link java.util.ServiceLoader} (for example
 * with {@code @AutoService(BackendProvider.class)}) and chosen by the scheme of a URL. Needs a
 * public constructor without parameters that does nothing. Safe for use by several threads; every
 * answer but that of {@link #open} is constant, without I/O.
 */
public interface BackendProvider {

  /** How the part of a URL behind the scheme is read. */
  enum UrlStyle {
    /**
     * {@code scheme:location?option=value&option=value}, the values of options percent-encoded, the
     * location taken as it is.
     */
    OPTIONS_IN_QUERY,
    /** The whole URL is the location, question mark included; options are given beside it. */
    OPAQUE
  }

  /** The backend's id, as in its descriptor. */
  String id();

  /** The URL schemes that are served, in lower case and without the colon. */
  Set<String> schemes();

  /** How the URL is read. */
  UrlStyle urlStyle();

  /** Every option that {@link #open} understands. */
  List<BackendOption<?>> options();

  /**
   * Opens a handle, which the caller closes. May do I/O. If it fails it leaves nothing open.
   *
   * @param config the location and the options, which were checked against {@link #options()}
   * @param codec how checkpoints become bytes
   * @throws dev.checkpoint4j.error.BackendConfigurationException if the configuration cannot work;
   *     lists all problems
   * @throws dev.checkpoint4j.error.CheckpointException if the medium cannot be reached
   */
  BackendStorage open(BackendConfig config, CheckpointCodec codec);
}
