/** The store that keeps checkpoints in a relational database: see {@link JdbcBackendStorage}. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
