package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Values;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeepEqualsTest {

  private static Map<String, Object> ordered(String first, String second) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(first, 1);
    map.put(second, 1);
    return map;
  }

  @Test
  void equalContentInTheSameOrderIsTheSame() {
    Map<String, Object> map = Map.of("list", List.of(ordered("a", "b"), 1.5, "x"));

    assertThat(DeepEquals.isSame(map, Values.freeze(map))).isTrue();
  }

  @Test
  void anotherOrderOfKeysIsNotTheSame() {
    assertThat(DeepEquals.isSame(List.of(ordered("a", "b")), List.of(ordered("b", "a")))).isFalse();
  }

  @Test
  void anotherTypeIsNotTheSame() {
    assertThat(DeepEquals.isSame(List.of(1), List.of(1L))).isFalse();
    assertThat(DeepEquals.isSame(0.0, -0.0)).isFalse();
    assertThat(DeepEquals.isSame(null, Map.of())).isFalse();
    assertThat(DeepEquals.isSame(Map.of(), List.of())).isFalse();
  }

  @Test
  void anotherSizeIsNotTheSame() {
    assertThat(DeepEquals.isSame(List.of(1), List.of(1, 2))).isFalse();
    assertThat(DeepEquals.isSame(Map.of(), Map.of("a", 1))).isFalse();
  }
}
