package dev.checkpoint4j.internal;

import dev.checkpoint4j.Binary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Frozen values as types that every JSON library writes. */
public final class PlainForm {

  private PlainForm() {}

  public static @Nullable Object of(@Nullable Object value) {
    if (value instanceof Instant) {
      return value.toString();
    }
    if (value instanceof Binary binary) {
      return Base64.getEncoder().encodeToString(binary.toByteArray());
    }
    if (value instanceof Double number && !Double.isFinite(number)) {
      return number.toString();
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> plain = new ArrayList<>(list.size());
      list.forEach(element -> plain.add(of(element)));
      return Collections.unmodifiableList(plain);
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> plain = new LinkedHashMap<>();
      map.forEach((name, element) -> plain.put((String) name, of(element)));
      return Collections.unmodifiableMap(plain);
    }
    return value;
  }
}
