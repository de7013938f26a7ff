/**
 * What a storage backend implements and what it is handed: see {@link BackendStorage}.
 *
 * <p>Unless a member says otherwise: no argument may be {@code null}, and every type but a builder
 * is safe for use by any number of threads.
 */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.spi;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
