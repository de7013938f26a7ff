/**
 * Opens repositories: {@link dev.checkpoint4j.core.Checkpoints} finds the backend of a URL, and
 * {@link dev.checkpoint4j.core.CheckpointRepositoryBuilder} sets how it is used.
 *
 * <p>Unless a member says otherwise: a {@code null} argument is refused with a {@link
 * NullPointerException} that names the parameter, and every type but a builder is safe for use by
 * any number of threads.
 */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.core;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
