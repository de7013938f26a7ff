/** Not part of the API: may change or vanish in any release. */
@NullMarked
package dev.checkpoint4j.internal;

import org.jspecify.annotations.NullMarked;
