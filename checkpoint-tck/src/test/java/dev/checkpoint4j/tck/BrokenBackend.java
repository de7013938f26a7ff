package dev.checkpoint4j.tck;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.engine.DiscoverySelector;

/** The TCK on a mutant; run by other tests only, since it fails. */
class BrokenBackend extends BackendStorageTck {

  private static final String MUTANT_PROPERTY = "checkpoint.tck.mutant";

  private static volatile @Nullable Mutant current;

  private final Mutant.Store store = mutant().stores().get();

  static void mutate(Mutant mutant) {
    current = mutant;
  }

  /** The rules that are meant for a mutant. */
  static DiscoverySelector[] killers(Mutant mutant) {
    return rules(mutant.killers()::contains);
  }

  /**
   * All rules but those of bystanders that are not meant for a mutant: these run for a time of
   * their own, in which they find many of the others by chance.
   */
  static DiscoverySelector[] matrix(Mutant mutant) {
    return rules(id -> !id.startsWith("BYST-") || mutant.killers().contains(id));
  }

  /** The rules whose ids are chosen. */
  static DiscoverySelector[] rules(Predicate<String> ids) {
    return AnnotationSupport.findAnnotatedMethods(
            BrokenBackend.class, Rule.class, HierarchyTraversalMode.TOP_DOWN)
        .stream()
        .filter(method -> ids.test(method.getAnnotation(Rule.class).id()))
        .map(method -> selectMethod(BrokenBackend.class, method))
        .toArray(DiscoverySelector[]::new);
  }

  /** That of this process; in a child, that of its parent. */
  private static Mutant mutant() {
    String name = System.getProperty(MUTANT_PROPERTY);
    return name == null
        ? Objects.requireNonNull(current, "mutant")
        : Stream.concat(Mutant.all().stream(), GeneratedMutant.ofChildren())
            .filter(it -> it.name().equals(name))
            .findFirst()
            .orElseThrow();
  }

  @Override
  protected BackendStorage open(TckScope scope) {
    return store.open(scope);
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  protected Optional<Durability> expectedDurability() {
    return Optional.of(store.durability());
  }

  @Override
  protected Optional<FaultInjector> faultInjector(TckScope scope) {
    return store.faultInjector(scope);
  }

  @Override
  protected Optional<LongSupplier> operationCounter(TckScope scope) {
    return store.operationCounter(scope);
  }

  @Override
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return Map.of(MUTANT_PROPERTY, mutant().name());
  }
}
