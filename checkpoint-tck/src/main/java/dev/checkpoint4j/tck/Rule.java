package dev.checkpoint4j.tck;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;

/** The test of one numbered rule of {@code docs/spec.md}, which holds its words. */
@Documented
@Test
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Rule {

  /** The number of the rule: its group and two digits, such as {@code PUT-03}. Never reused. */
  String id();

  /** How binding the rule is. */
  Level level();
}
