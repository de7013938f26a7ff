package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.Durability;
import java.util.ArrayList;
import java.util.List;

/**
 * What a database guarantees, by its settings.
 *
 * @param durability what an acknowledged checkpoint survives
 * @param maxDocumentBytes the size of the largest document that it stores
 * @param problems the reasons why the store cannot be opened on it; empty if there is none
 */
record DatabaseGuarantees(Durability durability, long maxDocumentBytes, List<String> problems) {

  /** Why a connection with these settings breaks what the store declared when it was opened. */
  List<String> problemsUnder(DatabaseGuarantees declared) {
    List<String> all = new ArrayList<>(problems);
    if (durability.compareTo(declared.durability) < 0) {
      all.add(
          ("commits are %s, where the store declares %s; leave synchronous_commit, synchronous and"
                  + " journal_mode as they were when the store was opened")
              .formatted(durability, declared.durability));
    }
    return all;
  }
}
