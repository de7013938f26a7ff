package dev.checkpoint4j.core.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalDecimalTest {

  private static final String ALPHABET = "0011259.-+E";

  /** By the JDK, which reads more and writes only this. */
  private static @Nullable BigDecimal expected(String text) {
    try {
      BigDecimal decimal = new BigDecimal(text);
      return decimal.toString().equals(text) ? decimal : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  @Test
  void readsWhatADecimalWrites() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      BigInteger digits = new BigInteger(random.nextInt(200), random);
      int scale =
          switch (i % 3) {
            case 0 -> random.nextInt(80) - 20;
            case 1 -> random.nextInt();
            default -> random.nextInt(3) - 1 + (random.nextBoolean() ? 0 : Integer.MAX_VALUE - 1);
          };
      BigDecimal decimal = new BigDecimal(random.nextBoolean() ? digits : digits.negate(), scale);
      assertThat(CanonicalDecimal.parse(decimal.toString())).as("%s", decimal).isEqualTo(decimal);
    }
  }

  @Test
  void readsNothingElse() {
    Random random = new Random(1);
    int legal = 0;
    for (int i = 0; i < 300_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(9); length >= 0; length--) {
        text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      BigDecimal expected = expected(text.toString());
      legal += expected == null ? 0 : 1;
      assertThat(CanonicalDecimal.parse(text.toString())).as("%s", text).isEqualTo(expected);
    }
    assertThat(legal).as("canonical texts among those that were tried").isGreaterThan(1_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        ".",
        "E",
        "E1",
        "-0",
        "-0.0",
        "-0E+3",
        "00",
        "01",
        "+1",
        "1.",
        ".1",
        "1E5",
        "1E+05",
        "1E+0",
        "1.0E",
        "10E+1",
        "1E+9999999999",
        "1E+99999999999999999999",
        "1E-2147483649",
        "1..2",
        "1E5.5",
        "1.5E+1.5",
        "--1",
        "-.5",
        "\u0661",
        "1E+\u0661",
        "0.\u0661",
        "NaN",
        "Infinity",
        "0.0000001",
        "1 ",
        " 1",
        "0x1",
        "1_0"
      })
  void leavesTheRest(String text) {
    assertThat(CanonicalDecimal.parse(text)).as(text).isNull();
    assertThat(expected(text)).as("the JDK agrees").isNull();
  }

  @Test
  void anExponentTakesNoMemory() {
    for (int scale : List.of(Integer.MIN_VALUE, Integer.MIN_VALUE + 1, Integer.MAX_VALUE)) {
      for (int digits : List.of(0, 1, -15)) {
        BigDecimal decimal = new BigDecimal(BigInteger.valueOf(digits), scale);
        assertThat(CanonicalDecimal.parse(decimal.toString())).isEqualTo(decimal);
      }
    }
  }
}
