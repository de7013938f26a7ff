/** Servers that tests start, proxies that lose what is sent to them, and child processes. */
@NullMarked
package dev.checkpoint4j.testsupport;

import org.jspecify.annotations.NullMarked;
