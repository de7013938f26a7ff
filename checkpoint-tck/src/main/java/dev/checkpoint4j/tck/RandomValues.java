package dev.checkpoint4j.tck;

import dev.checkpoint4j.Binary;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Values of every type, as random as the types allow. */
final class RandomValues {

  private static final int SCALARS = 10;
  private static final int CONTAINERS = 2;

  private final Random random;

  RandomValues(Random random) {
    this.random = random;
  }

  /** A map of up to so many levels. */
  Map<String, @Nullable Object> map(int depth) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      map.put(string(8), value(depth - 1));
    }
    return map;
  }

  /** A value of up to so many levels. */
  @Nullable Object value(int depth) {
    return switch (random.nextInt(depth > 0 ? SCALARS + CONTAINERS : SCALARS)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> string(40);
      case 3 -> random.nextInt() >> random.nextInt(32);
      case 4 -> random.nextLong() >> random.nextInt(64);
      case 5 -> new BigInteger(random.nextInt(200), random);
      case 6 -> Double.longBitsToDouble(random.nextLong());
      case 7 -> new BigDecimal(new BigInteger(random.nextInt(99), random), random.nextInt(61) - 30);
      case 8 -> Instant.EPOCH.plus(random.nextLong() >> random.nextInt(10, 60), ChronoUnit.MICROS);
      case 9 -> binary();
      case 10 -> list(depth);
      default -> map(depth);
    };
  }

  private Binary binary() {
    byte[] bytes = new byte[random.nextInt(50)];
    random.nextBytes(bytes);
    return Binary.copyOf(bytes);
  }

  private List<@Nullable Object> list(int depth) {
    List<@Nullable Object> list = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      list.add(value(depth - 1));
    }
    return list;
  }

  /** Any UTF-16 at all, unpaired surrogates included. */
  private String string(int maxLength) {
    int bound = random.nextBoolean() ? 0x80 : Character.MAX_VALUE + 1;
    StringBuilder string = new StringBuilder();
    for (int i = random.nextInt(maxLength + 1); i > 0; i--) {
      string.append((char) random.nextInt(bound));
    }
    return string.toString();
  }
}
