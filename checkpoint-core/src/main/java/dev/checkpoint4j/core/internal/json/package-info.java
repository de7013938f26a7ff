/**
 * The codec of "checkpoint document v1", which {@code docs/document-format.md} specifies. The only
 * package with types of Jackson.
 */
@NullMarked
@CheckReturnValue
package dev.checkpoint4j.core.internal.json;

import dev.checkpoint4j.annotation.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
