package com.example.journal;

import com.example.journal.JournalStore.Stored;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.AbstractBackendStorage;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.spi.SessionListing;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A handle on a store that is one journal file and maps in memory, under one lock. */
final class JournalBackend extends AbstractBackendStorage {

  static final String ID = "journal";
  static final int MAX_DOCUMENT_BYTES = 64 << 20;

  private static final BackendDescriptor DESCRIPTOR =
      BackendDescriptor.builder(ID, Durability.PROCESS_CRASH)
          .capabilities(Set.of(Capability.ATTRIBUTE_QUERY))
          .maxDocumentBytes(MAX_DOCUMENT_BYTES)
          .build();

  private final JournalStore store;
  private final DocumentCodec documents;

  private JournalBackend(JournalStore store, CheckpointCodec codec) {
    super(DESCRIPTOR);
    this.store = store;
    this.documents = new DocumentCodec(codec, MAX_DOCUMENT_BYTES);
  }

  static JournalBackend open(Path directory, CheckpointCodec codec, JournalStore.Opener opener) {
    return new JournalBackend(JournalStore.open(directory, codec, opener), codec);
  }

  @Override
  protected void doPut(Checkpoint checkpoint, Expectation expectation) {
    ErrorContext context = context("put").checkpoint(checkpoint);
    byte[] document = documents.encode(checkpoint, context);
    synchronized (store) {
      store.settle(context);
      Optional<Checkpoint> sameId =
          store
              .byId(checkpoint.namespace(), checkpoint.id())
              .map(stored -> decode(stored, context));
      Optional<CheckpointHeader> latest =
          Optional.ofNullable(store.versions(checkpoint.sessionKey()).lastEntry())
              .map(entry -> entry.getValue().header());
      if (isToBeStored(checkpoint, expectation, sameId, latest)) {
        store.add(checkpoint.header(), document, context);
      }
    }
  }

  @Override
  protected Optional<Checkpoint> doGet(String namespace, String id) {
    ErrorContext context = context("get").checkpoint(namespace, id);
    synchronized (store) {
      store.settle(context);
      return store.byId(namespace, id).map(stored -> decode(stored, context));
    }
  }

  @Override
  protected Optional<Checkpoint> doGetBySession(SessionKey session) {
    ErrorContext context = context("getBySession").session(session);
    synchronized (store) {
      store.settle(context);
      return Optional.ofNullable(store.versions(session).lastEntry())
          .map(latest -> decode(latest.getValue(), context));
    }
  }

  private Checkpoint decode(Stored stored, ErrorContext operation) {
    CheckpointHeader header = stored.header();
    ErrorContext context =
        operation.session(header.sessionKey()).checkpoint(header.namespace(), header.id());
    return documents.decode(
        store.document(stored, context),
        header::equals,
        "the document at byte " + stored.slot().position() + " of the journal",
        context);
  }

  @Override
  protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
    ErrorContext context = context("list").query(query);
    synchronized (store) {
      return find(query, start, context).map(stored -> decode(stored, context));
    }
  }

  @Override
  protected Page<CheckpointHeader> doListHeaders(
      CheckpointQuery query, Optional<ListCursor> start) {
    return find(query, start, context("listHeaders").query(query)).map(Stored::header);
  }

  private Page<Stored> find(
      CheckpointQuery query, Optional<ListCursor> start, ErrorContext context) {
    synchronized (store) {
      store.settle(context);
      return listing(query.namespace()).list(query, start);
    }
  }

  private SessionListing<Stored> listing(String namespace) {
    return SessionListing.of(store.sessions(namespace), Stored::header);
  }

  @Override
  protected Page<SessionKey> doListSessions(
      String namespace, int limit, Optional<ListCursor> start) {
    synchronized (store) {
      store.settle(context("listSessions").namespace(namespace));
      return listing(namespace).listSessions(namespace, limit, start);
    }
  }

  @Override
  protected Page<String> doListNamespaces(int limit, Optional<ListCursor> start) {
    synchronized (store) {
      store.settle(context("listNamespaces"));
      return page(store.namespaces(), limit, start, ListCursor::ofNamespace);
    }
  }

  @Override
  protected long doDelete(String namespace, Set<String> ids) {
    ErrorContext context = context("delete").namespace(namespace);
    synchronized (store) {
      store.settle(context);
      return store.remove(namespace, ids, context);
    }
  }

  @Override
  protected long doDeleteBySession(SessionKey session) {
    ErrorContext context = context("deleteBySession").session(session);
    synchronized (store) {
      store.settle(context);
      List<String> ids =
          store.versions(session).values().stream().map(stored -> stored.header().id()).toList();
      return store.remove(session.namespace(), ids, context);
    }
  }

  @Override
  protected void doClose() {
    store.release();
  }
}
