/** What every part of the S3 store uses. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.s3.internal;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
