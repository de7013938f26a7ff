package dev.checkpoint4j.benchmarks.peers;

import com.google.auto.service.AutoService;
import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Peers;
import dev.checkpoint4j.benchmarks.media.Place;
import java.util.List;

/** Uses no class of the libraries itself: the launcher asks for their names without them. */
@AutoService(Peers.class)
public final class LibraryPeers implements Peers {

  private static final String LANGGRAPH4J_MEMORY = "langgraph4j MemorySaver";
  private static final String LANGGRAPH4J_FILE = "langgraph4j FileSystemSaver";
  private static final String ALIBABA_MEMORY = "Spring AI Alibaba MemorySaver";
  private static final String ALIBABA_FILE = "Spring AI Alibaba FileSystemSaver";
  private static final String ALIBABA_POSTGRES = "Spring AI Alibaba PostgresSaver";

  @Override
  public List<Peer> all() {
    return List.of(
        new Peer(
            LANGGRAPH4J_MEMORY,
            Backend.MEMORY,
            "lost with the process; the state is neither copied nor frozen"),
        new Peer(
            LANGGRAPH4J_FILE,
            Backend.FILE,
            "one file with all steps rewritten in place, not forced"),
        new Peer(
            ALIBABA_MEMORY,
            Backend.MEMORY,
            "lost with the process; the state is neither copied nor frozen"),
        new Peer(
            ALIBABA_FILE,
            Backend.FILE,
            "one file with all steps rewritten in place, not forced; reads come from memory"),
        new Peer(
            ALIBABA_POSTGRES,
            Backend.POSTGRESQL,
            "a transaction that the server forces; reads come from memory"));
  }

  @Override
  public Medium open(String name, Place place) {
    return switch (name) {
      case LANGGRAPH4J_MEMORY -> LangGraph4j.memory();
      case LANGGRAPH4J_FILE -> LangGraph4j.files(place.directory());
      case ALIBABA_MEMORY -> SpringAiAlibaba.memory();
      case ALIBABA_FILE -> SpringAiAlibaba.files(place.directory());
      case ALIBABA_POSTGRES -> SpringAiAlibaba.postgres(place.serverUrl());
      default -> throw new IllegalArgumentException(name);
    };
  }
}
