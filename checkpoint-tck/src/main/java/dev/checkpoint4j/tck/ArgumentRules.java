package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** ARG: illegal arguments are refused as such. */
abstract class ArgumentRules extends BystanderRules {

  private static final int MAX_ID_BYTES = 255;

  /** A null that static analysis does not see. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // Passing null is the test.
  private static <T> T nothing() {
    @Nullable T nothing = null;
    return nothing;
  }

  private static void assertNullRefused(String call, String parameter, ThrowingCallable code) {
    NullPointerException failure = assertFails(call, NullPointerException.class, code);
    assertThat(String.valueOf(failure.getMessage()))
        .as("message of the exception of %s, which names the parameter", call)
        .containsPattern("\\b" + parameter + "\\b")
        .as("message of the exception of %s, not one that the JVM makes when it meets null", call)
        .doesNotStartWith("Cannot ");
  }

  @Rule(id = "ARG-01", level = Level.MUST)
  protected final void nullIsRefusedByName() {
    Checkpoint stored = put("s", 1);
    String id = stored.id();
    assertNullRefused(
        "put(null, any)", "checkpoint", () -> storage().put(nothing(), Expectation.any()));
    assertNullRefused(
        "put(checkpoint, null)", "expectation", () -> storage().put(checkpoint("s", 2), nothing()));
    assertNullRefused(
        "put(stored checkpoint, null)", "expectation", () -> storage().put(stored, nothing()));
    assertNullRefused("get(null, id)", "namespace", () -> storage().get(nothing(), id));
    assertNullRefused("get(namespace, null)", "id", () -> storage().get(namespace(), nothing()));
    assertNullRefused("getBySession(null)", "session", () -> storage().getBySession(nothing()));
    assertNullRefused("list(null)", "query", () -> storage().list(nothing()));
    assertNullRefused("listHeaders(null)", "query", () -> storage().listHeaders(nothing()));
    assertNullRefused(
        "listSessions(null, 1, empty)",
        "namespace",
        () -> storage().listSessions(nothing(), 1, Optional.empty()));
    assertNullRefused(
        "listSessions(namespace, 1, null)",
        "cursor",
        () -> storage().listSessions(namespace(), 1, nothing()));
    assertNullRefused(
        "listNamespaces(1, null)", "cursor", () -> storage().listNamespaces(1, nothing()));
    assertNullRefused(
        "delete(null, ids)", "namespace", () -> storage().delete(nothing(), List.of(id)));
    assertNullRefused(
        "delete(null, no ids)", "namespace", () -> storage().delete(nothing(), List.of()));
    assertNullRefused(
        "delete(namespace, null)", "ids", () -> storage().delete(namespace(), nothing()));
    assertNullRefused(
        "delete(namespace, ids with null)",
        "ids?",
        () -> storage().delete(namespace(), Arrays.asList(id, nothing())));
    assertNullRefused(
        "deleteBySession(null)", "session", () -> storage().deleteBySession(nothing()));
    assertHolds("after calls with null", storage(), List.of(stored));
  }

  @Rule(id = "ARG-02", level = Level.MUST)
  protected final void illegalIdIsRefused() {
    Checkpoint stored = put("s", 1);
    for (String illegal : HostileIds.illegal(MAX_ID_BYTES)) {
      String shown = Differences.quote(illegal);
      assertFails(
          "get(namespace, " + shown + ")",
          IllegalArgumentException.class,
          () -> storage().get(namespace(), illegal));
      List<String> ids = new ArrayList<>(Collections.singletonList(stored.id()));
      ids.add(illegal);
      assertFails(
          "delete(namespace, [a stored id, " + shown + "])",
          IllegalArgumentException.class,
          () -> storage().delete(namespace(), ids));
    }
    assertHolds("after calls with illegal ids", storage(), List.of(stored));
  }

  @Rule(id = "ARG-03", level = Level.MUST)
  protected final void illegalNamespaceIsRefused() {
    Checkpoint stored = put("s", 1);
    for (String illegal : HostileIds.illegal(MAX_ID_BYTES)) {
      String shown = Differences.quote(illegal);
      assertFails(
          "get(" + shown + ", id)",
          IllegalArgumentException.class,
          () -> storage().get(illegal, stored.id()));
      assertFails(
          "delete(" + shown + ", ids)",
          IllegalArgumentException.class,
          () -> storage().delete(illegal, List.of(stored.id())));
      assertFails(
          "delete(" + shown + ", no ids)",
          IllegalArgumentException.class,
          () -> storage().delete(illegal, List.of()));
      assertFails(
          "listSessions(" + shown + ", 10, empty)",
          IllegalArgumentException.class,
          () -> storage().listSessions(illegal, 10, Optional.empty()));
    }
    assertHolds("after calls with illegal namespaces", storage(), List.of(stored));
  }

  @Rule(id = "ARG-04", level = Level.MUST)
  protected final void illegalLimitIsRefused() {
    putAll("s", 1, 2);
    for (int limit : new int[] {0, -1, Integer.MIN_VALUE, CheckpointQuery.MAX_LIMIT + 1}) {
      assertFails(
          "listSessions with the limit " + limit,
          IllegalArgumentException.class,
          () -> storage().listSessions(namespace(), limit, Optional.empty()));
      assertFails(
          "listNamespaces with the limit " + limit,
          IllegalArgumentException.class,
          () -> storage().listNamespaces(limit, Optional.empty()));
    }
    assertThat(storage().listNamespaces(CheckpointQuery.MAX_LIMIT, Optional.empty()).items())
        .as("namespaces listed with the greatest limit")
        .isNotEmpty();
    assertThat(
            storage()
                .listSessions(namespace(), CheckpointQuery.MAX_LIMIT, Optional.empty())
                .items())
        .as("sessions listed with the greatest limit")
        .containsExactly(session("s"));
    assertThat(storage().list(query().limit(CheckpointQuery.MAX_LIMIT).build()).items())
        .as("checkpoints listed with the greatest limit")
        .hasSize(2);
  }
}
