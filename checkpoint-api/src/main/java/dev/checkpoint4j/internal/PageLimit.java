package dev.checkpoint4j.internal;

/** The rule that the limit of a page obeys. */
public final class PageLimit {

  public static final int MAX = 1000;

  private PageLimit() {}

  public static int check(int limit) {
    if (limit < 1 || limit > MAX) {
      throw new IllegalArgumentException("limit " + limit + " is not 1 to " + MAX);
    }
    return limit;
  }
}
