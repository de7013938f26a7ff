@NullMarked
package dev.checkpoint4j.benchmarks;

import org.jspecify.annotations.NullMarked;
