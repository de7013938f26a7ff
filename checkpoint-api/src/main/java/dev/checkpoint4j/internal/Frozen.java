package dev.checkpoint4j.internal;

/** A container that {@link Freezer} created: deeply immutable, normalised, safe to share. */
interface Frozen {

  /** Levels of containers from here down: 1 for a container of scalars. */
  int height();
}
