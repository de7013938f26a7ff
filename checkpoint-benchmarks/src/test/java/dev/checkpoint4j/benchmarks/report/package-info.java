/** The page and the plots that are made of results. */
@NullMarked
package dev.checkpoint4j.benchmarks.report;

import org.jspecify.annotations.NullMarked;
