package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** ISOL: namespaces and sessions never meet. */
abstract class IsolationRules extends DeleteRules {

  @Rule(id = "ISOL-01", level = Level.MUST)
  protected final void namespacesAreIndependent() {
    Checkpoint here = put("s", 5);
    Checkpoint there = put(draft("s", 2).namespace(namespace() + "-2").build());
    Checkpoint thereNext = put(draft("s", 3).namespace(namespace() + "-2").build());
    assertLatest("where another namespace has the same session", storage(), here);
    assertLatest("where another namespace has the same session", storage(), thereNext);
    assertConflict("put of version 5 where 5 is the latest", checkpoint("s", 5), 5);
    assertThat(idsOf(listAll(storage(), CheckpointQuery.builder(there.namespace()).build())))
        .as("ids listed in the other namespace")
        .containsExactly(thereNext.id(), there.id());
    assertHolds("where another namespace has the same session", storage(), List.of(here));
  }

  @Rule(id = "ISOL-02", level = Level.MUST)
  protected final void sessionsHaveVersionsOfTheirOwn() {
    List<Checkpoint> stored = new ArrayList<>();
    for (long version = 1; version <= 4; version++) {
      for (String sessionId : List.of("s1", "s2", "s3")) {
        stored.add(put(sessionId, version));
      }
    }
    stored.add(put("s1", 100));
    stored.add(put("s2", 5));
    assertHolds("after interleaved puts to three sessions", storage(), stored);
    assertConflict("put of version 4 to s3, where 4 is its latest", checkpoint("s3", 4), 4);
  }

  @Rule(id = "ISOL-03", level = Level.MUST)
  protected final void namespaceAndSessionDoNotRunTogether() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String separator : List.of(":", "/", "|", ".", "-", "_", "\\", "%", "#", " ", "::")) {
      String first = namespace() + separator + "b";
      stored.add(put(draft("c", 1).namespace(first).build()));
      stored.add(put(draft("b" + separator + "c", 1).build()));
      stored.add(put(draft("b", 1).namespace(namespace() + separator).build()));
      stored.add(put(draft(separator + "b", 1).build()));
    }
    for (Checkpoint checkpoint : stored) {
      SessionKey session = checkpoint.sessionKey();
      assertLatest("among keys that are alike when joined", storage(), checkpoint);
      assertThat(idsOf(listAll(storage(), CheckpointQuery.builder(session).build())))
          .as("ids listed for %s", session)
          .containsExactly(checkpoint.id());
    }
    Map<String, List<Checkpoint>> namespaces =
        stored.stream().collect(Collectors.groupingBy(Checkpoint::namespace));
    namespaces.forEach(
        (namespace, held) -> {
          CheckpointQuery all = CheckpointQuery.builder(namespace).build();
          assertThat(idsOf(listAll(storage(), all)))
              .as("ids listed in the namespace %s", namespace)
              .containsExactlyInAnyOrderElementsOf(idsOf(held));
          assertThat(listSessions(storage(), namespace, 10))
              .as("sessions of the namespace %s", namespace)
              .containsExactlyInAnyOrderElementsOf(
                  held.stream().map(Checkpoint::sessionKey).toList());
        });
  }

  @Rule(id = "ISOL-04", level = Level.MUST)
  protected final void namespacesArePrefixesOfNoOther() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String end : List.of("", "1", "10", "/", "/1", ".", " ")) {
      stored.add(put(draft("s", 1).namespace(namespace() + end).build()));
    }
    for (Checkpoint checkpoint : stored) {
      String namespace = checkpoint.namespace();
      assertThat(idsOf(listAll(storage(), CheckpointQuery.builder(namespace).build())))
          .as("ids listed in the namespace %s", namespace)
          .containsExactly(checkpoint.id());
      assertThat(listSessions(storage(), namespace, 10))
          .as("sessions of the namespace %s", namespace)
          .containsExactly(checkpoint.sessionKey());
    }
  }
}
