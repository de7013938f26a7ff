package dev.checkpoint4j.tck;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/** The rules that a run is confined to, as a property names them. */
final class RuleSelection {

  static final String PROPERTY = "checkpoint.tck.rules";

  /** Every rule. */
  static final RuleSelection ALL = new RuleSelection("", List.of());

  private static final String EXCEPT = "!";

  private final String text;
  private final List<String> names;

  private RuleSelection(String text, List<String> names) {
    this.text = text;
    this.names = names;
  }

  /**
   * Reads ids and groups of rules, separated by commas, such as {@code RACE-18,MODEL}; with a
   * {@code !} in front, those that are left out.
   *
   * @throws ExtensionConfigurationException if one names no rule
   */
  static RuleSelection parse(String text) {
    List<String> names =
        Arrays.stream(text.split(",")).map(String::strip).filter(name -> !name.isEmpty()).toList();
    for (String name : names) {
      String positive = name.startsWith(EXCEPT) ? name.substring(EXCEPT.length()) : name;
      if (Spec.entries().stream().noneMatch(entry -> isNamed(entry.id(), positive))) {
        throw new ExtensionConfigurationException(
            "%s must name rules or groups of rules, such as RACE-18,MODEL or !VOL; there is no '%s'"
                .formatted(PROPERTY, name));
      }
    }
    return new RuleSelection(text.strip(), names);
  }

  private static boolean isNamed(String id, String name) {
    return id.equals(name) || id.startsWith(name + "-");
  }

  /** Whether the rule with this id is run. */
  boolean includes(String id) {
    boolean isNamed =
        names.stream().allMatch(name -> name.startsWith(EXCEPT))
            || names.stream().anyMatch(name -> isNamed(id, name));
    return isNamed && names.stream().noneMatch(name -> isNamed(EXCEPT + id, name));
  }

  /** Whether a rule is left out. */
  boolean isPartial() {
    return Spec.entries().stream().anyMatch(entry -> !includes(entry.id()));
  }

  /** As it was given; empty for every rule. */
  @Override
  public String toString() {
    return text;
  }
}
