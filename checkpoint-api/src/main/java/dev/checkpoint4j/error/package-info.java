/**
 * Every failure a repository or a backend reports, as unchecked exceptions below {@link
 * CheckpointException}, and {@link UnsupportedValueException}, an illegal argument that no backend
 * gets to see.
 */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.error;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
