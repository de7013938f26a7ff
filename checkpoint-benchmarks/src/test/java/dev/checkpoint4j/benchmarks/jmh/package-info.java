/** The operations, as benchmarks of JMH. */
@NullMarked
package dev.checkpoint4j.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
