package dev.checkpoint4j.spi;

/**
 * A provider whose stores can be verified: everything that the medium holds is read, counted and
 * checked. Optional; a backend that implements it has {@code Checkpoints.verify} and the command
 * {@code checkpoint verify}.
 *
 * <p>The entry is on the provider and not on {@link BackendStorage}, because a store that needs
 * verification most is one that is too damaged to be opened, and because opening a store creates
 * what is missing of it.
 *
 * <pre>{@code
 * public VerificationReport verify(
 *     BackendConfig config, CheckpointCodec codec, VerificationOptions options) {
 *   options.requireReadOnly(id());
 *   VerificationReport.Builder report = VerificationReport.builder(options);
 *   for (Record each : readAll(config.location())) {
 *     report.addBytes(each.size());
 *     try {
 *       report.addIntact(codec.decode(each.document()));
 *     } catch (CodecException e) {
 *       report.add(
 *           Finding.of(Kind.DOCUMENT, Severity.DAMAGE, each.context(), each.place(), "..."));
 *     }
 *   }
 *   return report.build();
 * }
 * }</pre>
 */
public interface VerifyingProvider extends BackendProvider {

  /**
   * Verifies the store that {@code config} names.
   *
   * <p><b>What it changes.</b> Nothing: it creates no store, migrates none and repairs none, unless
   * {@link VerificationOptions#withRemovalOfLeftovers} asks for the removal of leftovers.
   *
   * <p><b>Concurrency.</b> The store may be in use by other handles and processes, as far as the
   * medium lets several in. The verification is not a snapshot: what is put or deleted during it
   * may be seen or not, but is never reported as damage. Several verifications may run at a time,
   * but only one that removes leftovers.
   *
   * <p><b>Cost.</b> Reads all of the store, in the calling thread. The memory that it needs does
   * not grow with the size of the documents. No deadline applies to the verification as a whole; an
   * interrupt ends it.
   *
   * @param config the location and the options, as for {@link #open}; options that say what opening
   *     creates are ignored
   * @param codec the codec that the store was written with
   * @param options what is done beside reading
   * @throws dev.checkpoint4j.error.BackendConfigurationException if the configuration cannot work,
   *     or there is no store at the location
   * @throws UnsupportedOperationException if leftovers are to be removed, and the backend removes
   *     none; before any I/O
   * @throws dev.checkpoint4j.error.StorageUnavailableException if the medium cannot be reached, or
   *     the thread is interrupted; its flag stays set
   * @throws dev.checkpoint4j.error.CheckpointException if the medium refuses to be read. A damaged
   *     record is a finding, not an exception
   */
  VerificationReport verify(
      BackendConfig config, CheckpointCodec codec, VerificationOptions options);
}
