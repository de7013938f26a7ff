/** The rules every backend must pass: extend {@code BackendStorageTck}. */
@NullMarked
package dev.checkpoint4j.tck;

import org.jspecify.annotations.NullMarked;
