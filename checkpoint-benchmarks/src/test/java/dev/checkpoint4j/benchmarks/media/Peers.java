package dev.checkpoint4j.benchmarks.media;

import java.util.List;
import java.util.ServiceLoader;

/** Other libraries, which only a build with the profile of the same name has on its class path. */
public interface Peers {

  /**
   * One of them.
   *
   * @param name of the library and its saver
   * @param backend that of ours which it is shown beside
   * @param durability what a put has done when it returns
   */
  record Peer(String name, Backend backend, String durability) {}

  List<Peer> all();

  Medium open(String name, Place place);

  /** Those of the class path. */
  static List<Peer> found() {
    return ServiceLoader.load(Peers.class).stream()
        .flatMap(peers -> peers.get().all().stream())
        .toList();
  }

  /** Opens one of the class path. */
  static Medium find(String name, Place place) {
    for (Peers peers : ServiceLoader.load(Peers.class)) {
      if (peers.all().stream().anyMatch(peer -> peer.name().equals(name))) {
        return peers.open(name, place);
      }
    }
    throw new IllegalArgumentException("no library on the class path is named " + name);
  }
}
