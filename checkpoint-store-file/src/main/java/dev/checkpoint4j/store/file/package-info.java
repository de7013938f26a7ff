/** The store that keeps checkpoints in append-only files: see {@link FileBackendStorage}. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
