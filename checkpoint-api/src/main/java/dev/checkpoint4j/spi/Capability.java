package dev.checkpoint4j.spi;

/**
 * What a backend may or may not be able to do. A backend that declares a capability does it in
 * full; one that does not declare it refuses with an {@link UnsupportedOperationException}, without
 * effect, and the repository finds another way where there is one.
 */
public enum Capability {
  /** Answers queries with conditions on attributes. */
  ATTRIBUTE_QUERY
}
