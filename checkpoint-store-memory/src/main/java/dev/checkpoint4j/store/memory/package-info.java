/** The store that keeps checkpoints in the memory of the process. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.memory;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
