/**
 * Every failure a repository or a backend reports, as unchecked exceptions below {@link
 * CheckpointException}.
 */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.error;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
