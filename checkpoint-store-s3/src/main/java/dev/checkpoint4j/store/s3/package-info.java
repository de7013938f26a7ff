/** The store that keeps checkpoints in an S3 bucket. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
