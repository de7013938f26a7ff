/** Other libraries that store the states of agents; compiled with the profile {@code peers}. */
@NullMarked
package dev.checkpoint4j.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
