/** The store that keeps checkpoints as objects in a bucket: see {@link S3BackendStorage}. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
