/**
 * The {@code checkpoint} command: looks into a store, and shows in a demo that a store survives the
 * sudden end of the process that writes to it. A program, not an API.
 */
@NullMarked
package dev.checkpoint4j.cli;

import org.jspecify.annotations.NullMarked;
