/** Real database servers, started by tests, and ways to lose the connection to them. */
@NullMarked
package dev.checkpoint4j.store.jdbc.servers;

import org.jspecify.annotations.NullMarked;
