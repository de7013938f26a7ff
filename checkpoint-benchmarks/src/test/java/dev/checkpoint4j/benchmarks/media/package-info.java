/** What is measured: the stores as their users see them, and the media below them. */
@NullMarked
package dev.checkpoint4j.benchmarks.media;

import org.jspecify.annotations.NullMarked;
