/** What each store costs beside its bare medium, and beside other libraries. */
@NullMarked
package dev.checkpoint4j.benchmarks;

import org.jspecify.annotations.NullMarked;
