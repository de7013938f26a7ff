/** The backend that docs/implementing-a-backend.md walks through. */
@NullMarked
package dev.checkpoint4j.tck.example;

import org.jspecify.annotations.NullMarked;
