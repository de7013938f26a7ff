/**
 * The keys, bytes and metadata of the objects of a store; {@code docs/s3-layout.md} describes them.
 */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.store.s3.internal.layout;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
