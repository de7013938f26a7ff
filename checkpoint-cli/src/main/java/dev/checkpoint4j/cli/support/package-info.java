/** What commands share: the store that they open, and how they print. */
@NullMarked
package dev.checkpoint4j.cli.support;

import org.jspecify.annotations.NullMarked;
