package dev.checkpoint4j.spi;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.internal.Similar;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a backend is and how it is set: a location and checked options. Never prints a secret. */
public final class BackendConfig {

  private static final String MASK = "***";

  private final String scheme;
  private final String location;
  private final Map<BackendOption<?>, Object> values;
  private final StorageListener listener;

  private BackendConfig(
      String scheme,
      String location,
      Map<BackendOption<?>, Object> values,
      StorageListener listener) {
    this.scheme = scheme;
    this.location = location;
    this.values = values;
    this.listener = listener;
  }

  /** The same, with the listener that {@link #listener()} gives. */
  public BackendConfig withListener(StorageListener newListener) {
    return new BackendConfig(
        scheme, location, values, Objects.requireNonNull(newListener, "newListener"));
  }

  /**
   * The scheme of a URL: what stands before the first colon, in lower case.
   *
   * @throws IllegalArgumentException if the URL has none
   */
  public static String schemeOf(String url) {
    int colon = Objects.requireNonNull(url, "url").indexOf(':');
    String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
    if (!scheme.matches("[a-z][a-z0-9+.-]*")) {
      throw new IllegalArgumentException(
          "the store's URL does not start with a scheme and a colon, as in file:./state");
    }
    return scheme;
  }

  /**
   * Reads a URL and further options for a provider.
   *
   * @param provider whose options are allowed
   * @param url the URL, whose scheme the provider serves
   * @param options further options by name, which win over those of the URL
   * @throws BackendConfigurationException listing every problem: an unknown option with the nearest
   *     known one, a missing option, a malformed value
   * @throws IllegalArgumentException if the URL has no scheme
   */
  public static BackendConfig parse(
      BackendProvider provider, String url, Map<String, String> options) {
    Objects.requireNonNull(provider, "provider");
    Objects.requireNonNull(options, "options");
    String scheme = schemeOf(url);
    Map<String, String> texts = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    String location;
    if (provider.urlStyle() == BackendProvider.UrlStyle.OPAQUE) {
      location = url;
    } else {
      int question = url.indexOf('?');
      location = url.substring(scheme.length() + 1, question < 0 ? url.length() : question);
      if (question >= 0) {
        parseQuery(url.substring(question + 1), texts, problems);
      }
    }
    texts.putAll(options);

    Map<String, BackendOption<?>> known = new LinkedHashMap<>();
    provider.options().forEach(option -> known.put(option.name(), option));
    Map<BackendOption<?>, Object> values = new LinkedHashMap<>();
    texts.forEach(
        (name, text) -> {
          BackendOption<?> option = known.get(name);
          if (option == null) {
            problems.add(unknown(name, known));
          } else {
            read(option, text, values, problems);
          }
        });
    for (BackendOption<?> option : known.values()) {
      if (option.isRequired() && !texts.containsKey(option.name())) {
        problems.add("option '" + option.name() + "' is required: " + option.description());
      }
    }
    if (!problems.isEmpty()) {
      throw new BackendConfigurationException(provider.id(), problems, null);
    }
    return new BackendConfig(scheme, location, values, event -> {});
  }

  private static void parseQuery(String query, Map<String, String> texts, List<String> problems) {
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (pair.isEmpty()) {
        continue;
      }
      if (equals <= 0) {
        problems.add("an option of the URL is not of the form name=value");
        continue;
      }
      String name = pair.substring(0, equals);
      try {
        // A plus sign is itself, as in any URL that is not an HTML form.
        String value =
            URLDecoder.decode(
                pair.substring(equals + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
        if (texts.put(name, value) != null) {
          problems.add("option '" + name + "' is given twice");
        }
      } catch (IllegalArgumentException e) {
        problems.add("the value of option '" + name + "' is not percent-encoded correctly");
      }
    }
  }

  private static String unknown(String name, Map<String, BackendOption<?>> known) {
    if (known.isEmpty()) {
      return "option '" + name + "' is unknown; there are no options";
    }
    return "option '"
        + name
        + "' is unknown; did you mean '"
        + Similar.nearest(name, known.keySet())
        + "'? Known: "
        + String.join(", ", known.keySet());
  }

  private static void read(
      BackendOption<?> option,
      String text,
      Map<BackendOption<?>, Object> values,
      List<String> problems) {
    try {
      values.put(option, Objects.requireNonNull(option.parse(text)));
    } catch (IllegalArgumentException e) {
      problems.add(
          "option '"
              + option.name()
              + "' must be "
              + option.form()
              + (option.isSecret() ? "" : "; it is '" + maskSecrets(text) + "'"));
    }
  }

  /** The scheme of the URL, in lower case. */
  public String scheme() {
    return scheme;
  }

  /**
   * What follows the scheme and its colon, without the options; with {@link
   * BackendProvider.UrlStyle#OPAQUE} the whole URL. May hold a password: not for messages.
   */
  public String location() {
    return location;
  }

  /** The value of an option: given, or its default, or empty. */
  @SuppressWarnings("unchecked") // Each option was put with a value of its own type.
  public <T> Optional<T> get(BackendOption<T> option) {
    @Nullable T value = (T) values.get(Objects.requireNonNull(option, "option"));
    return value == null ? option.defaultValue() : Optional.of(value);
  }

  /**
   * The value of an option that is required or has a default.
   *
   * @throws IllegalArgumentException if the option has no value
   */
  public <T> T require(BackendOption<T> option) {
    return get(option)
        .orElseThrow(() -> new IllegalArgumentException("no value for option " + option.name()));
  }

  /**
   * The listener that the backend notifies of repairs, by {@link StorageListener#onRecovery}. Calls
   * are reported by a decorator, not by the backend. Defaults to a listener that does nothing.
   */
  public StorageListener listener() {
    return listener;
  }

  /** The location and the options, with secrets masked. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("BackendConfig[");
    if (!location.startsWith(scheme + ":")) {
      text.append(scheme).append(':');
    }
    text.append(maskSecrets(location));
    values.forEach(
        (option, value) ->
            text.append(", ")
                .append(option.name())
                .append('=')
                .append(option.isSecret() ? MASK : maskSecrets(value.toString())));
    return text.append(']').toString();
  }

  /**
   * Masks what could be a secret in a URL: user information, also where the scheme or the slashes
   * are missing or a password holds a slash, and parameters named like a secret. Rather masks too
   * much than too little.
   */
  public static String maskSecrets(String url) {
    return Objects.requireNonNull(url, "url")
        .replaceAll("//([^/?#]*|[^/?#@]*:[^?#]*)@", "//" + MASK + "@")
        .replaceAll("^[^/?#@]*:[^/?#]*@", MASK + "@")
        .replaceAll(
            "(?i)(password|passwd|pwd|passphrase|secret|credentials?|signature|token|key)\\s*="
                + "[^&;]*",
            "$1=" + MASK);
  }
}
