package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.Durability;
import java.util.List;

/**
 * What a database guarantees, by its settings.
 *
 * @param durability what an acknowledged checkpoint survives
 * @param maxDocumentBytes the size of the largest document that it stores
 * @param problems the reasons why the store cannot be opened on it; empty if there is none
 */
record DatabaseGuarantees(Durability durability, long maxDocumentBytes, List<String> problems) {}
