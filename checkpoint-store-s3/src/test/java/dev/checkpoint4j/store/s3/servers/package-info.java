/** S3 servers that tests start, a way to them on which things go wrong, and a count of requests. */
@NullMarked
package dev.checkpoint4j.store.s3.servers;

import org.jspecify.annotations.NullMarked;
