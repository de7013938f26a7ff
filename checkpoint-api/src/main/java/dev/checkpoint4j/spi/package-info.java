/** What a storage backend implements and what it is handed: see {@link BackendStorage}. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.spi;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
