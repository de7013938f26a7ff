package dev.checkpoint4j.spi;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A typed option of a backend: its name in a URL, how its text is read, its default, whether it is
 * required or secret, and what it does. The name identifies it: options of one name are equal.
 *
 * @param <T> the type of its value
 */
public final class BackendOption<T> {

  private final String name;
  private final String description;
  private final String form;
  private final Function<String, T> parser;
  private final @Nullable T defaultValue;
  private final boolean required;
  private final boolean secret;

  private BackendOption(
      String name,
      String description,
      String form,
      Function<String, T> parser,
      @Nullable T defaultValue,
      boolean required,
      boolean secret) {
    this.name = Objects.requireNonNull(name, "name");
    this.description = Objects.requireNonNull(description, "description");
    this.form = Objects.requireNonNull(form, "form");
    this.parser = Objects.requireNonNull(parser, "parser");
    this.defaultValue = defaultValue;
    this.required = required;
    this.secret = secret;
  }

  /**
   * An option of any type.
   *
   * @param name as written in a URL
   * @param description one sentence on what it does
   * @param form the legal texts, in words that follow "must be"
   * @param parser reads a text; throws {@link IllegalArgumentException} if it is not legal
   */
  public static <T> BackendOption<T> of(
      String name, String description, String form, Function<String, T> parser) {
    return new BackendOption<>(name, description, form, parser, null, false, false);
  }

  /** An option whose value is any text. */
  public static BackendOption<String> text(String name, String description) {
    return of(name, description, "text", Function.identity());
  }

  /** An option that is {@code true} or {@code false}. */
  public static BackendOption<Boolean> flag(String name, String description) {
    return of(
        name,
        description,
        "true or false",
        text -> {
          if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(text);
          }
          return text.equals("true");
        });
  }

  /** An option that is a whole number from {@code min} to {@code max}. */
  public static BackendOption<Integer> integer(String name, String description, int min, int max) {
    return of(
        name,
        description,
        "a whole number from " + min + " to " + max,
        text -> {
          int value = Integer.parseInt(text);
          if (value < min || value > max) {
            throw new IllegalArgumentException(text);
          }
          return value;
        });
  }

  /** An option that is a positive ISO-8601 duration such as {@code PT30S}. */
  public static BackendOption<Duration> duration(String name, String description) {
    return of(
        name,
        description,
        "a positive ISO-8601 duration such as PT30S",
        text -> {
          try {
            Duration value = Duration.parse(text);
            if (value.isNegative() || value.isZero()) {
              throw new IllegalArgumentException(text);
            }
            return value;
          } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(text, e);
          }
        });
  }

  /** An option that is the name of a constant, in lower case with hyphens. */
  public static <E extends Enum<E>> BackendOption<E> choice(
      String name, String description, Class<E> type) {
    Function<E, String> nameOf =
        constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    E[] constants = type.getEnumConstants();
    return of(
        name,
        description,
        Arrays.stream(constants).map(nameOf).collect(Collectors.joining(", ", "one of ", "")),
        text ->
            Arrays.stream(constants)
                .filter(constant -> nameOf.apply(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(text)));
  }

  /** This option, with a value for when it is not given. */
  public BackendOption<T> withDefault(T value) {
    Objects.requireNonNull(value, "value");
    return new BackendOption<>(name, description, form, parser, value, required, secret);
  }

  /** This option, refusing to open without it. */
  public BackendOption<T> asRequired() {
    return new BackendOption<>(name, description, form, parser, defaultValue, true, secret);
  }

  /** This option, with its value masked wherever it would be printed. */
  public BackendOption<T> asSecret() {
    return new BackendOption<>(name, description, form, parser, defaultValue, required, true);
  }

  /** The name, as written in a URL. */
  public String name() {
    return name;
  }

  /** One sentence on what the option does. */
  public String description() {
    return description;
  }

  /** The legal texts, in words that follow "must be". */
  public String form() {
    return form;
  }

  /** The value if none is given. */
  public Optional<T> defaultValue() {
    return Optional.ofNullable(defaultValue);
  }

  /** Whether a value must be given. */
  public boolean isRequired() {
    return required;
  }

  /** Whether the value is masked wherever it would be printed. */
  public boolean isSecret() {
    return secret;
  }

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException if it is not legal
   */
  public T parse(String text) {
    return parser.apply(Objects.requireNonNull(text, "text"));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BackendOption<?> option && name.equals(option.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /** The name, whether it is required or secret, and the form; never a value. */
  @Override
  public String toString() {
    return "BackendOption["
        + name
        + (required ? ", required" : "")
        + (secret ? ", secret" : "")
        + ", "
        + form
        + "]";
  }
}
