package dev.checkpoint4j.cli;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.store.file.FileBackendProvider;
import dev.checkpoint4j.store.file.FileBackendStorage;
import dev.checkpoint4j.store.file.FileStoreVerification;
import dev.checkpoint4j.store.file.FileStoreVerification.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Looks for damage in a file store, and copies what is intact into a new store. */
@Command(
    name = "verify",
    description = {
      "Reads all of a file store, says what is wrong, a line each, and how much is intact.",
      "Changes nothing and takes no locks: the store may be in use, or too damaged to be opened.",
      "With --salvage-to, --option and its environment variable are for the store that is written."
    },
    footer = {
      "",
      "For example:",
      "  checkpoint verify --store file:./state --salvage-to file:./state-salvaged"
    })
final class VerifyCommand extends StoreCommand {

  @Option(
      names = {"--salvage-to", "--repair"},
      paramLabel = "URL",
      description =
          "Copies every intact checkpoint into this store, which must be new or empty: a file store"
              + " or any other.")
  private @Nullable String salvageTo;

  @Option(
      names = "--json",
      description =
          "Prints an object a line: {\"file\": ...} for each problem, then {\"namespaces\": ...}.")
  private boolean json;

  @Override
  public Integer call() {
    StoreAddress store = store();
    Path folder =
        FileUrl.folder(store.url())
            .orElseThrow(
                () ->
                    wrongUsage(
                        "verify works on file stores; their URLs start with file:, for example"
                            + " file:./state"));
    if (!Files.exists(folder)) {
      throw new CommandFailedException(
          ExitCode.STORE, "there is no store: '" + folder + "' does not exist");
    }
    if (salvageTo == null) {
      BackendConfig config =
          BackendConfig.parse(new FileBackendProvider(), store.url(), store.options());
      return verify(FileBackendStorage.directory(config.location()), null);
    }
    StoreAddress target = new StoreAddress(salvageTo, store.options());
    FileUrl.folder(salvageTo).ifPresent(path -> requireNew(path, folder));
    try (CheckpointRepository repository = argument(target::open)) {
      return verify(folder, new Salvage(repository));
    }
  }

  /** Before anything is made there. */
  private static void requireNew(Path target, Path source) {
    try {
      Path existing = target.toAbsolutePath();
      while (!Files.exists(existing) && existing.getParent() != null) {
        existing = existing.getParent();
      }
      if (existing.toRealPath().startsWith(source.toRealPath())) {
        throw refused(target, "is within the store that is to be salvaged");
      }
      if (Files.isDirectory(target)) {
        try (Stream<Path> entries = Files.list(target)) {
          if (entries.findAny().isPresent()) {
            throw refused(target, "holds something already");
          }
        }
      }
    } catch (IOException e) {
      throw refused(target, "cannot be read: " + e);
    }
  }

  private static CommandFailedException refused(Path target, String why) {
    return new CommandFailedException(
        ExitCode.STORE, "'" + target + "' " + why + "; name a new folder with --salvage-to");
  }

  private int verify(Path folder, @Nullable Salvage salvage) {
    CheckpointCodec codec =
        ServiceLoader.load(CheckpointCodec.class)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no CheckpointCodec on the class path"));
    FileStoreVerification found =
        FileStoreVerification.verify(
            folder,
            codec,
            new FileStoreVerification.Listener() {
              @Override
              public void intact(Checkpoint checkpoint) {
                if (salvage != null) {
                  salvage.copy(checkpoint);
                }
              }

              @Override
              public void found(Problem problem) {
                print(problem);
              }
            });
    print(found, salvage);
    return found.isSound() ? ExitCode.OK : ExitCode.NOT_FOUND_OR_UNVERIFIED;
  }

  private void print(Problem problem) {
    if (json) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("file", problem.file().toString());
      view.put("offset", problem.offset());
      view.put("kind", kind(problem));
      view.put("damage", problem.kind().isDamage());
      view.put("message", problem.message());
      out().println(Json.compact(view));
    } else {
      out()
          .println(
              Printable.line(
                  "%s: %s, byte %d: %s"
                      .formatted(
                          kind(problem), problem.file(), problem.offset(), problem.message())));
    }
  }

  private static String kind(Problem problem) {
    return problem.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void print(FileStoreVerification found, @Nullable Salvage salvage) {
    if (json) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("namespaces", found.namespaces());
      view.put("sessions", found.sessions());
      view.put("checkpoints", found.checkpoints());
      view.put("bytes", found.bytes());
      view.put("problems", found.problemCount());
      if (salvage != null) {
        view.put("salvaged", salvage.copied);
      }
      out().println(Json.compact(view));
      return;
    }
    out()
        .println(
            "namespaces: %d, sessions: %d, intact checkpoints: %d, bytes: %d, problems: %d"
                .formatted(
                    found.namespaces(),
                    found.sessions(),
                    found.checkpoints(),
                    found.bytes(),
                    found.problemCount()));
    if (salvage != null) {
      out().println("salvaged checkpoints: " + salvage.copied);
    }
  }

  /** Copies checkpoints into a store that holds none. */
  private final class Salvage {
    private final CheckpointRepository target;
    private final Set<String> empty = new HashSet<>();
    private long copied;

    Salvage(CheckpointRepository target) {
      this.target = target;
    }

    void copy(Checkpoint checkpoint) {
      String name = checkpoint.namespace();
      CheckpointRepository namespace = target.namespace(name);
      if (!empty.contains(name)) {
        try (Stream<String> sessions = namespace.sessions()) {
          if (sessions.findAny().isPresent()) {
            throw new CommandFailedException(
                ExitCode.STORE,
                "the store of --salvage-to holds sessions in namespace '"
                    + name
                    + "'; name one that is empty");
          }
        }
        empty.add(name);
      }
      try {
        namespace.put(checkpoint);
        copied++;
      } catch (DuplicateCheckpointException | VersionConflictException e) {
        // Of an id that is stored twice only one can be; the listing of problems names both.
        err()
            .println(
                "checkpoint: "
                    + Printable.line("not salvaged: '" + checkpoint.id() + "': " + e.getMessage()));
      }
    }
  }
}
