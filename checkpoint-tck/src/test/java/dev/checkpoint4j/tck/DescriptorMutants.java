package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** What a backend says of itself. */
final class DescriptorMutants {

  private DescriptorMutants() {}

  private static BackendDescriptor.Builder builder(BackendDescriptor like, Durability durability) {
    return BackendDescriptor.builder(like.id(), durability).capabilities(like.capabilities());
  }

  static List<Mutant> all() {
    return List.of(
        storeFault(
            "descriptor differs by handle",
            () -> {
              AtomicInteger handles = new AtomicInteger();
              return good -> {
                int handle = handles.incrementAndGet();
                return Faulty.descriptor(
                    good,
                    like ->
                        builder(like, like.durability())
                            .maxDocumentBytes(Long.MAX_VALUE - handle)
                            .build());
              };
            },
            "LIFE-01"),
        handleFault(
            "capability under-declared",
            good ->
                Faulty.descriptor(
                    good, like -> builder(like, like.durability()).capabilities(Set.of()).build()),
            "LIFE-02",
            "ATTR-08"),
        handleFault(
            "capability over-declared",
            good ->
                Faulty.descriptor(
                    new ReferenceBackend(Set.of()),
                    like ->
                        builder(like, like.durability())
                            .capabilities(EnumSet.allOf(Capability.class))
                            .build()),
            "ATTR-01",
            "LIST-08"),
        handleFault(
            "durability over-declared",
            good -> Faulty.descriptor(good, like -> builder(like, Durability.POWER_LOSS).build()),
            "LIFE-04",
            "PROC-01"),
        handleFault(
            "limit declared and not enforced",
            good ->
                Faulty.descriptor(
                    good,
                    like -> builder(like, like.durability()).maxDocumentBytes(100_000).build()),
            "LARGE-07"));
  }
}
