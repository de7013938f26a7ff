/** The operations of a handle: put, read, list and delete. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
