package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A backend with one fault, made of a kind of fault, a path on which it is made, and the field that
 * it affects. Written from docs/spec.md alone, without regard to what the rules of the TCK check.
 *
 * @param kind what authors of backends get wrong
 * @param path the method, or the part of one, that gets it wrong
 * @param field the field, or what else is affected
 * @param isRacy whether the fault shows only when threads meet
 */
record GeneratedMutant(
    String kind, String path, String field, boolean isRacy, Supplier<Mutant.Store> stores) {

  static List<GeneratedMutant> all() {
    return Stream.concat(inMemory().stream(), SharedLogFaults.all().stream()).toList();
  }

  /** Those that need no medium: a run of the rules takes a second or so. */
  static List<GeneratedMutant> inMemory() {
    return Stream.of(
            TextFaults.all(),
            NumberFaults.all(),
            TimeFaults.all(),
            ContentFaults.all(),
            RetryFaults.all(),
            ConditionFaults.all(),
            PageFaults.all(),
            CacheFaults.all(),
            DeletionFaults.all(),
            ExpectationFaults.all(),
            ThreadFaults.all())
        .flatMap(List::stream)
        .toList();
  }

  /** What a child process may be told to open, by name. */
  static Stream<Mutant> ofChildren() {
    return Stream.concat(all().stream(), Stream.of(SharedLogFaults.faultless()))
        .map(GeneratedMutant::mutant);
  }

  /** A fault that a handle has by itself. */
  static GeneratedMutant of(
      String kind, String path, String field, UnaryOperator<BackendStorage> fault) {
    return shared(kind, path, field, () -> fault);
  }

  /** A fault of what the handles of a store share; the supplier is called once for each store. */
  static GeneratedMutant shared(
      String kind, String path, String field, Supplier<UnaryOperator<BackendStorage>> fault) {
    return new GeneratedMutant(kind, path, field, false, Mutant.storeFault("", fault).stores());
  }

  GeneratedMutant racy() {
    return new GeneratedMutant(kind, path, field, true, stores);
  }

  String name() {
    return kind + " / " + path + " / " + field;
  }

  Mutant mutant() {
    return new Mutant(name(), stores, Set.of(), isRacy);
  }

  @Override
  public String toString() {
    return name();
  }
}
