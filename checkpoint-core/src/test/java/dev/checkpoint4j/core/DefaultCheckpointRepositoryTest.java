package dev.checkpoint4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.tck.ReferenceBackend;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DefaultCheckpointRepositoryTest {

  private final ReferenceBackend reference = new ReferenceBackend();
  private final ScriptedStorage scripted = new ScriptedStorage(reference);
  private final CheckpointRepository repository = repositoryOf(scripted);

  private static CheckpointRepository repositoryOf(ScriptedStorage storage) {
    return Checkpoints.builder().storage(storage).retry(RetryPolicy.none()).build();
  }

  private static Checkpoint checkpoint(String session, long version) {
    return Checkpoint.builder(session).id(session + version).version(version).build();
  }

  @Test
  void whatWasPutIsReadBack() {
    Checkpoint first = checkpoint("s", 1);
    Checkpoint second = checkpoint("s", 2);
    repository.put(first);
    repository.put(second);
    assertThat(repository.get("s1")).as("by id").contains(first);
    assertThat(repository.get("s3")).as("an id that is not stored").isEmpty();
    assertThat(repository.getBySession("s")).as("latest").contains(second);
    assertThat(repository.list(repository.query().build()).items())
        .as("listed, newest first")
        .containsExactly(second, first);
    assertThat(repository.listHeaders(repository.query().order(Order.OLDEST_FIRST).build()).items())
        .as("headers, oldest first")
        .containsExactly(first.header(), second.header());
    assertThat(repository.delete(List.of("s2", "s2", "s3"))).as("deleted by id").isEqualTo(1);
    assertThat(repository.getBySession("s")).as("latest afterwards").contains(first);
    assertThat(repository.deleteBySession("s")).as("deleted by session").isEqualTo(1);
    assertThat(repository.getBySession("s")).as("latest afterwards").isEmpty();
  }

  @Test
  void putPassesAConflictOn() {
    repository.put(checkpoint("s", 2));
    assertThatThrownBy(() -> repository.put(checkpoint("s", 1)))
        .as("a version that is too low")
        .isInstanceOf(VersionConflictException.class);
    assertThat(scripted.countOf("put")).as("puts: no retry").isEqualTo(2);
  }

  @Test
  void viewsOfNamespacesShareTheStoreAndNothingElse() {
    CheckpointRepository other = repository.namespace("other");
    repository.save("s", Map.of("in", "default"));
    other.save("s", Map.of("in", "other"));
    other.save("s", Map.of("in", "other"));
    assertThat(other.namespace()).as("namespace of the view").isEqualTo("other");
    assertThat(repository.getBySession("s").orElseThrow().version()).as("version").isEqualTo(1);
    assertThat(other.getBySession("s").orElseThrow().version()).as("version").isEqualTo(2);
    assertThat(other.async().namespace("third").namespace()).as("async view").isEqualTo("third");
    assertThat(other)
        .as("text")
        .hasToString("CheckpointRepository[backend=reference, namespace=other]");
    assertThat(other.async())
        .as("text")
        .hasToString("AsyncCheckpointRepository[backend=reference, namespace=other]");
    other.close();
    assertThat(other.getBySession("s")).as("after the view was closed").isPresent();
    repository.close();
    assertThatThrownBy(() -> other.getBySession("s"))
        .as("after the store was closed")
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anIllegalNamespaceIsRefused() {
    assertThatThrownBy(() -> repository.namespace(""))
        .as("empty")
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("namespace");
  }

  static Stream<Arguments> foreign() {
    Checkpoint checkpoint = Checkpoint.builder("s").namespace("b").build();
    CheckpointQuery query = CheckpointQuery.builder("b").build();
    return Stream.of(
        call("put", repository -> repository.put(checkpoint)),
        call("list", repository -> use(repository.list(query))),
        call("listHeaders", repository -> use(repository.listHeaders(query))),
        call("stream", repository -> use(repository.stream(query))),
        call("streamHeaders", repository -> use(repository.streamHeaders(query))));
  }

  private static Arguments call(String name, Consumer<CheckpointRepository> call) {
    return Arguments.of(name, call);
  }

  private static void use(Object ignored) {
    assertThat(ignored).isNotNull();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("foreign")
  void aForeignNamespaceIsRefusedBeforeAnyIo(String name, Consumer<CheckpointRepository> call) {
    CheckpointRepository bound = repository.namespace("a");
    assertThatThrownBy(() -> call.accept(bound))
        .as("a foreign namespace in %s", name)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'a'", "'b'", "repository.namespace(\"b\")");
    assertThat(scripted.calls).as("calls of the backend").isEmpty();
  }

  static Stream<Arguments> illegal() {
    return Stream.of(
        call("id", repository -> use(repository.get(""))),
        call("sessionId", repository -> use(repository.getBySession("\u0000"))),
        call("sessionId", repository -> use(repository.history(""))),
        call("id", repository -> use(repository.lineage(""))),
        call("sessionId", repository -> repository.save("", Map.of())),
        call("sessionId", repository -> repository.update("", values -> values)),
        call("id", repository -> repository.delete(List.of("a", ""))),
        call("sessionId", repository -> repository.deleteBySession("")),
        call("sessionId", repository -> use(repository.get("", 1))),
        call("version", repository -> use(repository.get("s", 0))),
        call("sessionId", repository -> use(repository.history("", Order.OLDEST_FIRST))),
        call("id", repository -> repository.save("", CheckpointMetadata.of("s"), Map.of())),
        call("id", repository -> repository.restore("")),
        call("sessionId", repository -> repository.fork("id", "")),
        call("id", repository -> repository.fork("", "s")),
        call("id", repository -> repository.delete("")),
        call("limit", repository -> use(repository.listSessions(0, Optional.empty()))),
        call("java.lang.Object", repository -> repository.save("s", Map.of("at", new Object()))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("illegal")
  void anIllegalArgumentIsRefusedBeforeAnyIo(String name, Consumer<CheckpointRepository> call) {
    assertThatThrownBy(() -> call.accept(repository))
        .as("an illegal argument")
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
    assertThat(scripted.calls).as("calls of the backend").isEmpty();
  }

  static Stream<Arguments> operations() {
    CheckpointQuery query = CheckpointQuery.builder("default").build();
    return Stream.of(
        call("namespace", repository -> use(repository.namespace("other"))),
        call("async view", repository -> use(repository.async().namespace("other"))),
        call("put", repository -> repository.put(Checkpoint.empty("s"))),
        call("get", repository -> use(repository.get("id"))),
        call("getBySession", repository -> use(repository.getBySession("s"))),
        call("list", repository -> use(repository.list(query))),
        call("listHeaders", repository -> use(repository.listHeaders(query))),
        call("stream", repository -> use(repository.stream(query))),
        call("streamHeaders", repository -> use(repository.streamHeaders(query))),
        call("history", repository -> use(repository.history("s"))),
        call("lineage", repository -> use(repository.lineage("id"))),
        call("sessions", repository -> use(repository.sessions())),
        call("save", repository -> repository.save("s", Map.of())),
        call("update", repository -> repository.update("s", values -> values)),
        call("delete", repository -> repository.delete(List.of("id"))),
        call("delete one", repository -> repository.delete("id")),
        call("deleteBySession", repository -> repository.deleteBySession("s")),
        call("get a version", repository -> use(repository.get("s", 1))),
        call("listSessions", repository -> use(repository.listSessions(1, Optional.empty()))),
        call("restore", repository -> repository.restore("id")),
        call("fork", repository -> repository.fork("id", "t")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operations")
  void afterCloseEveryOperationIsRefused(String name, Consumer<CheckpointRepository> call) {
    repository.close();
    repository.close();
    assertThatThrownBy(() -> call.accept(repository))
        .as("%s after close", name)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThat(scripted.calls).as("calls of the backend").containsExactly("close");
  }

  @Test
  void aStreamThatIsBeingReadEndsWithTheStore() {
    IntStream.rangeClosed(1, 4).forEach(version -> repository.put(checkpoint("s", version)));
    Iterator<Checkpoint> entries =
        repository.stream(repository.query().limit(2).build()).iterator();
    assertThat(entries.next().version()).as("first").isEqualTo(4);
    assertThat(entries.next().version()).as("second").isEqualTo(3);
    repository.close();
    assertThatThrownBy(entries::hasNext)
        .as("the next page")
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void streamsFetchPagesAsTheyAreRead() {
    IntStream.rangeClosed(1, 5).forEach(version -> repository.put(checkpoint("s", version)));
    Stream<CheckpointHeader> stream = repository.streamHeaders(repository.query().limit(2).build());
    assertThat(scripted.countOf("listHeaders")).as("pages before reading").isZero();
    Iterator<CheckpointHeader> entries = stream.iterator();
    List<Long> versions = new ArrayList<>();
    List<Long> pages = new ArrayList<>();
    while (entries.hasNext()) {
      versions.add(entries.next().version());
      pages.add(scripted.countOf("listHeaders"));
    }
    assertThat(versions).as("versions").containsExactly(5L, 4L, 3L, 2L, 1L);
    assertThat(pages).as("pages fetched at each entry").containsExactly(1L, 1L, 2L, 2L, 3L);
  }

  @Test
  void aStreamStartsAtTheCursorOfItsQuery() {
    IntStream.rangeClosed(1, 5).forEach(version -> repository.put(checkpoint("s", version)));
    CheckpointQuery query = repository.query().limit(2).build();
    Page<Checkpoint> first = repository.list(query);
    assertThat(
            repository.stream(query.toBuilder().cursor(first.nextCursor().orElseThrow()).build()))
        .as("versions from the cursor on")
        .extracting(Checkpoint::version)
        .containsExactly(3L, 2L, 1L);
  }

  @Test
  void historyIsTheSessionNewestFirstPageByPage() {
    IntStream.rangeClosed(1, 45).forEach(version -> repository.put(checkpoint("s", version)));
    repository.put(checkpoint("other", 99));
    assertThat(repository.history("s"))
        .as("versions")
        .extracting(Checkpoint::version)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 45).mapToObj(n -> 46L - n).toList());
    assertThat(scripted.countOf("list")).as("pages").isEqualTo(3);
    assertThat(repository.history("s").limit(3)).as("the first three").hasSize(3);
    assertThat(scripted.countOf("list")).as("pages, after one more").isEqualTo(4);
    assertThat(repository.history("none")).as("history of an unknown session").isEmpty();
  }

  @Test
  void sessionsAreListedOnceEachPageByPage() {
    List<String> sessions = IntStream.range(0, 1500).mapToObj(n -> "s%04d".formatted(n)).toList();
    sessions.forEach(session -> reference.put(checkpoint(session, 1), Expectation.any()));
    reference.put(Checkpoint.builder("foreign").namespace("other").build(), Expectation.any());
    assertThat(repository.sessions()).as("sessions").containsExactlyElementsOf(sessions);
    assertThat(scripted.countOf("listSessions")).as("pages").isEqualTo(2);
  }

  @Test
  void lineageFollowsParentsAcrossSessionsAndReadsAsItGoes() {
    Checkpoint first = repository.save("s", Map.of("step", 1));
    Checkpoint second = repository.save("s", Map.of("step", 2));
    repository.save("s", Map.of("step", 3));
    Checkpoint fork =
        second.next().metadata(CheckpointMetadata.of("fork")).version(1).id("fork").build();
    repository.put(fork);
    Stream<Checkpoint> lineage = repository.lineage("fork");
    assertThat(scripted.countOf("get")).as("reads before the stream is read").isZero();
    assertThat(lineage).as("lineage of the fork").containsExactly(fork, second, first);
    assertThat(scripted.countOf("get")).as("reads").isEqualTo(3);
  }

  @Test
  void lineageEndsAtADeletedParent() {
    Checkpoint first = repository.save("s", Map.of());
    Checkpoint second = repository.save("s", Map.of());
    repository.delete(List.of(first.id()));
    assertThat(repository.lineage(second.id())).as("lineage").containsExactly(second);
    assertThat(repository.lineage(first.id())).as("lineage of nothing").isEmpty();
  }

  @Test
  void lineageRefusesACheckpointThatIsItsOwnAncestor() {
    repository.put(Checkpoint.builder("s").id("a").version(1).parentId("b").build());
    repository.put(Checkpoint.builder("s").id("b").version(2).parentId("a").build());
    Iterator<Checkpoint> lineage = repository.lineage("b").iterator();
    assertThat(lineage.next().id()).as("first").isEqualTo("b");
    assertThat(lineage.next().id()).as("second").isEqualTo("a");
    assertThatThrownBy(lineage::hasNext)
        .as("third")
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'b'");
  }

  @Test
  void aCapableBackendFiltersAttributesItself() {
    repository.save(withColour("s", "red"), Map.of());
    repository.save(withColour("s", "blue"), Map.of());
    assertThat(repository.list(repository.query().attribute("colour", "red").build()).items())
        .as("what is red")
        .extracting(Checkpoint::version)
        .containsExactly(1L);
    assertThat(scripted.countOf("list")).as("calls of the backend").isEqualTo(1);
  }

  private static CheckpointMetadata withColour(String session, Object colour) {
    return CheckpointMetadata.builder(session).attribute("colour", colour).build();
  }

  @Test
  void attributesAreFilteredHereWhenTheBackendCannot() {
    ReferenceBackend incapable = new ReferenceBackend(EnumSet.noneOf(Capability.class));
    ScriptedStorage storage = new ScriptedStorage(incapable);
    CheckpointRepository filtering = repositoryOf(storage);
    Random random = new Random(7);
    for (int i = 0; i < 700; i++) {
      CheckpointMetadata metadata =
          withColour("s" + random.nextInt(5), random.nextInt(10) == 0 ? "red" : "blue").toBuilder()
              .taskId("t" + random.nextInt(2))
              .build();
      Checkpoint saved = filtering.save(metadata, Map.of("i", i));
      reference.put(saved, Expectation.any());
    }
    for (Order order : Order.values()) {
      for (int limit : new int[] {1, 2, 7, 30, 100, 1000}) {
        for (String colour : List.of("red", "blue", "green")) {
          CheckpointQuery query =
              filtering
                  .query()
                  .attribute("colour", colour)
                  .taskId("t1")
                  .versions(3, 130)
                  .tsFrom(Instant.EPOCH)
                  .tsBefore(Instant.parse("9999-01-01T00:00:00Z"))
                  .order(order)
                  .limit(limit)
                  .build();
          List<Checkpoint> expected = repository.stream(query).toList();
          assertThat(pagesOf(filtering, query)).as("%s", query).isEqualTo(expected);
          assertThat(filtering.streamHeaders(query))
              .as("headers of %s", query)
              .containsExactlyElementsOf(expected.stream().map(Checkpoint::header).toList());
        }
      }
    }
  }

  /** All pages, of which each but the last is full. */
  private static List<Checkpoint> pagesOf(CheckpointRepository repository, CheckpointQuery query) {
    List<Checkpoint> all = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<Checkpoint> page =
          repository.list(query.toBuilder().cursor(cursor.orElse(null)).build());
      cursor = page.nextCursor();
      assertThat(page.items()).as("entries of a page").hasSizeLessThanOrEqualTo(query.limit());
      if (cursor.isPresent()) {
        assertThat(page.items())
            .as("entries of a page that is not the last")
            .hasSize(query.limit());
      }
      all.addAll(page.items());
    } while (cursor.isPresent());
    return all;
  }

  @Test
  void aParentAndASessionAreFilteredBesideAttributes() {
    ReferenceBackend incapable = new ReferenceBackend(EnumSet.noneOf(Capability.class));
    CheckpointRepository filtering = repositoryOf(new ScriptedStorage(incapable));
    Checkpoint first = filtering.save(withColour("s", "red"), Map.of());
    Checkpoint second = filtering.save(withColour("s", "red"), Map.of());
    filtering.save(withColour("s", "red"), Map.of());
    assertThat(
            filtering
                .list(
                    filtering
                        .query()
                        .sessionId("s")
                        .parentId(first.id())
                        .attribute("colour", "red")
                        .build())
                .items())
        .as("children of the first")
        .containsExactly(second);
  }

  @Test
  void rareMatchesDoNotCostARequestPerEntry() {
    ScriptedStorage storage =
        new ScriptedStorage(new ReferenceBackend(EnumSet.noneOf(Capability.class)));
    CheckpointRepository filtering = repositoryOf(storage);
    filtering.save(withColour("s", "red"), Map.of());
    IntStream.range(0, 500).forEach(i -> filtering.save(withColour("s", "blue"), Map.of()));
    storage.calls.clear();
    assertThat(
            filtering.list(filtering.query().attribute("colour", "red").limit(1).build()).items())
        .as("the only match, behind 500 others")
        .hasSize(1);
    assertThat(storage.countOf("listHeaders")).as("pages").isLessThanOrEqualTo(7);
    assertThat(storage.countOf("get")).as("checkpoints read with their values").isEqualTo(1);
  }

  @Test
  void whatIsDeletedWhileItIsFilteredIsPassedOver() {
    ScriptedStorage storage =
        new ScriptedStorage(new ReferenceBackend(EnumSet.noneOf(Capability.class)));
    CheckpointRepository filtering = repositoryOf(storage);
    List<Checkpoint> saved =
        IntStream.range(0, 4)
            .mapToObj(i -> filtering.save(withColour("s", "red"), Map.of("i", i)))
            .toList();
    boolean[] done = new boolean[1];
    storage.before =
        operation -> {
          if (operation.equals("get") && !done[0]) {
            done[0] = true;
            // The newest goes; another one takes the id of the second newest.
            storage.delete("default", List.of(saved.get(3).id(), saved.get(2).id()));
            storage.put(
                Checkpoint.builder("s").id(saved.get(2).id()).version(99).build(),
                Expectation.any());
          }
        };
    Page<Checkpoint> page =
        filtering.list(filtering.query().attribute("colour", "red").limit(2).build());
    assertThat(page.items())
        .as("a full page of what is left")
        .containsExactly(saved.get(1), saved.get(0));
  }
}
