/** The demo: a store survives the sudden end of the process that writes to it. */
@NullMarked
package dev.checkpoint4j.cli.demo;

import org.jspecify.annotations.NullMarked;
