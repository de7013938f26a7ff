package dev.checkpoint4j.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Where the versions are, which are adjacent or have gaps. */
enum ModelVersions {
  SMALL(1),
  DIGITS(97),
  OVER_2_31((1L << 31) - 3),
  OVER_2_32((1L << 32) - 3),
  OVER_2_53((1L << 53) - 3),
  GREATEST(Long.MAX_VALUE - ModelTheme.POOL + 1),
  ANY(1);

  private final long first;

  ModelVersions(long first) {
    this.first = first;
  }

  /** In ascending order; the first two are sometimes small. */
  List<Long> pool(Random random) {
    if (this == ANY) {
      return LongStream.generate(() -> 1 + (random.nextLong() >>> (1 + random.nextInt(62))))
          .distinct()
          .limit(ModelTheme.POOL)
          .sorted()
          .boxed()
          .toList();
    }
    List<Long> versions = new ArrayList<>();
    for (int i = 0; i < ModelTheme.POOL; i++) {
      versions.add(first + i);
    }
    if (random.nextBoolean()) {
      versions.set(0, 1L);
      versions.set(1, 2L);
    }
    return versions;
  }
}
