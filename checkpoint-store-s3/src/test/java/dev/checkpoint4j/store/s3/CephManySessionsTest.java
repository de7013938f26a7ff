package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.testsupport.CephRgwServer;
import dev.checkpoint4j.testsupport.RequestCounter;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A page of a listing takes the same requests with many sessions as with a few. The system property
 * {@code checkpoint.test.sessions} says how many; the time of a page is printed.
 */
@Tag("soak")
class CephManySessionsTest {

  private static final int SESSIONS = Integer.getInteger("checkpoint.test.sessions", 2_000);
  private static final int FEW = 300;
  private static final int WRITERS = 8;
  private static final int PAGE = 100;
  private static final String NAMESPACE = "default";

  private final RequestCounter requests = new RequestCounter();
  private final String prefix = "sessions-" + UUID.randomUUID();

  @Test
  void pageTakesTheSameRequestsHoweverManySessionsThereAre() throws Exception {
    try (S3Client client =
            S3Server.clientBuilder(CephRgwServer.shared().endpoint())
                .overrideConfiguration(it -> it.addExecutionInterceptor(requests))
                .build();
        S3BackendStorage store =
            S3BackendStorage.builder()
                .client(client)
                .bucket(S3Server.BUCKET)
                .prefix(prefix)
                .open()) {
      fill(store, 0, FEW);
      Map<String, String> few = requestsOfListings(store, FEW);
      fill(store, FEW, SESSIONS);
      assertThat(requestsOfListings(store, SESSIONS)).as("requests of a page").isEqualTo(few);
    }
  }

  private static void fill(S3BackendStorage store, int from, int to) throws InterruptedException {
    Thread[] writers = new Thread[WRITERS];
    for (int writer = 0; writer < WRITERS; writer++) {
      int first = from + writer;
      writers[writer] =
          new Thread(
              () -> {
                for (int session = first; session < to; session += WRITERS) {
                  store.put(checkpoint(session), Expectation.any());
                }
              });
      writers[writer].start();
    }
    for (Thread writer : writers) {
      writer.join();
    }
  }

  private static Checkpoint checkpoint(int session) {
    return Samples.checkpoint("session-%06d".formatted(session), "c-" + session, 1);
  }

  private Map<String, String> requestsOfListings(S3BackendStorage store, int sessions)
      throws Exception {
    CheckpointQuery newest = CheckpointQuery.builder(NAMESPACE).limit(PAGE).build();
    Map<String, Function<Optional<String>, Page<?>>> listings = new LinkedHashMap<>();
    listings.put("listSessions", cursor -> store.listSessions(NAMESPACE, PAGE, cursor));
    listings.put("listNamespaces", cursor -> store.listNamespaces(PAGE, cursor));
    for (Order order : Order.values()) {
      CheckpointQuery.Builder query = newest.toBuilder().order(order);
      listings.put(
          "list " + order, cursor -> store.list(query.cursor(cursor.orElse(null)).build()));
      listings.put(
          "listHeaders " + order,
          cursor -> store.listHeaders(query.cursor(cursor.orElse(null)).build()));
    }
    Map<String, String> requestsOfPages = new LinkedHashMap<>();
    for (Map.Entry<String, Function<Optional<String>, Page<?>>> listing : listings.entrySet()) {
      Optional<String> cursor = Optional.empty();
      for (String page : IntStream.rangeClosed(1, 2).mapToObj(i -> "page " + i).toList()) {
        if (page.equals("page 2") && cursor.isEmpty()) {
          continue;
        }
        Optional<String> from = cursor;
        Page<?>[] read = new Page<?>[1];
        long start = System.nanoTime();
        String sent = requests.sentBy(() -> read[0] = listing.getValue().apply(from)).toString();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        String name = listing.getKey() + ", " + page;
        System.out.printf(
            "%,d sessions: %s: %d entries, %s, %d ms%n",
            sessions, name, read[0].items().size(), sent, millis);
        requestsOfPages.put(name, sent);
        cursor = read[0].nextCursor();
      }
    }
    return requestsOfPages;
  }
}
