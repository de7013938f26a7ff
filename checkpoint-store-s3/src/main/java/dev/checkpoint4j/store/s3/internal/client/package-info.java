/** Requests to an S3 server, without knowledge of what the objects mean. */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.s3.internal.client;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
