package dev.checkpoint4j.store.s3.internal.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of common prefixes.
 *
 * @param last the last key or prefix of the page, if more follow it
 */
public record PrefixListing(List<String> prefixes, @Nullable String last) {}
