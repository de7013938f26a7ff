/** Verification and repair of a whole store. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.s3.internal.verify;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
