package dev.checkpoint4j.cli;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.FileUrl;
import dev.checkpoint4j.cli.support.Json;
import dev.checkpoint4j.cli.support.Printable;
import dev.checkpoint4j.cli.support.StoreAddress;
import dev.checkpoint4j.cli.support.StoreCommand;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationListener;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reports damage in a store, copies intact checkpoints into a new one, and removes leftovers. */
@Command(
    name = "verify",
    description = {
      "Reads a whole store and reports damage and leftovers, one line each, and the number of intact"
          + " checkpoints. Supports file, JDBC and S3 stores, and others that can be verified.",
      "Changes nothing and takes no locks: the store may be in use, or too damaged to open.",
      "With --salvage-to, --option and its environment variable apply to the new store."
    },
    footer = {
      "",
      "For example:",
      "  checkpoint verify --store file:./state --salvage-to file:./state-salvaged",
      "  checkpoint verify --store s3://bucket/prefix --repair"
    })
final class VerifyCommand extends StoreCommand {

  @Option(
      names = "--salvage-to",
      paramLabel = "URL",
      description =
          "Copies every intact checkpoint into this store, of any kind, which must be new or"
              + " empty.")
  private @Nullable String salvageTo;

  @Option(
      names = "--repair",
      description =
          "Removes the leftovers of crashed writers and deletions, in an S3 store or another that has"
              + " them, once they are so old that no writer needs them. The store may be in use.")
  private boolean repair;

  @Option(
      names = "--json",
      description =
          "Prints one JSON object per line: one for each finding, with \"location\" and, if known,"
              + " \"namespace\", \"session\" and \"id\", then {\"namespaces\": ...}.")
  private boolean json;

  @Override
  public Integer call() {
    StoreAddress store = store();
    if (repair && salvageTo != null) {
      throw wrongUsage("--repair and --salvage-to exclude each other");
    }
    if (salvageTo == null) {
      return run(store, null);
    }
    // The options are for the target.
    StoreAddress source = StoreAddress.of(store.url());
    StoreAddress target = new StoreAddress(salvageTo, store.options());
    FileUrl.folder(salvageTo).ifPresent(path -> requireNew(path, FileUrl.folder(store.url())));
    if (isWithin(target, source)) {
      throw new CommandFailedException(
          ExitCode.STORE,
          "the target is within the store to be salvaged; name another place with --salvage-to");
    }
    try (CheckpointRepository repository = argument(target::open)) {
      return run(source, new Salvage(repository));
    }
  }

  /** Whether the URL of the target names the source, or a path or a prefix of keys below it. */
  private static boolean isWithin(StoreAddress target, StoreAddress source) {
    String place = place(target.url());
    String sourcePlace = place(source.url());
    // With options, the same URL may name another store: other tables of a database.
    return place.startsWith(sourcePlace)
        && (target.options().isEmpty() || !place.equals(sourcePlace));
  }

  private static String place(String url) {
    String location = url.split("\\?", 2)[0];
    return location.endsWith("/") ? location : location + "/";
  }

  /** Checked before anything is created there. */
  private static void requireNew(Path target, Optional<Path> source) {
    try {
      Path existing = target.toAbsolutePath();
      while (!Files.exists(existing) && existing.getParent() != null) {
        existing = existing.getParent();
      }
      if (source.isPresent() && existing.toRealPath().startsWith(source.get().toRealPath())) {
        throw refused(target, "is within the store to be salvaged");
      }
      if (Files.isDirectory(target)) {
        try (Stream<Path> entries = Files.list(target)) {
          if (entries.findAny().isPresent()) {
            throw refused(target, "is not empty");
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

  private int run(StoreAddress store, @Nullable Salvage salvage) {
    VerificationOptions options =
        VerificationOptions.defaults()
            .withListener(
                new VerificationListener() {
                  @Override
                  public void onIntact(Checkpoint checkpoint) {
                    if (salvage != null) {
                      salvage.copy(checkpoint);
                    }
                  }

                  @Override
                  public void onFinding(Finding finding) {
                    print(finding);
                  }
                });
    VerificationReport report = verify(store, options);
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("namespaces", report.namespaces());
    counts.put("sessions", report.sessions());
    counts.put("checkpoints", report.checkpoints());
    counts.put("bytes", report.bytes());
    counts.put("problems", report.damaged());
    counts.put("leftovers", report.leftovers());
    if (repair) {
      counts.put("removed", report.removed());
    }
    if (salvage != null) {
      counts.put("salvaged", salvage.copied);
    }
    print(counts);
    return report.isSound() ? ExitCode.OK : ExitCode.NOT_FOUND_OR_UNVERIFIED;
  }

  private VerificationReport verify(StoreAddress store, VerificationOptions options) {
    try {
      return argument(() -> store.verify(repair ? options.withRemovalOfLeftovers() : options));
    } catch (UnsupportedOperationException e) {
      throw wrongUsage(String.valueOf(e.getMessage()));
    }
  }

  private void print(Finding finding) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("location", finding.location());
    ErrorContext about = finding.context();
    putIfKnown(view, "namespace", about.namespace());
    putIfKnown(view, "session", about.sessionId());
    putIfKnown(view, "id", about.checkpointId());
    if (json) {
      view.put("kind", finding.kind());
      view.put("damage", finding.isDamage());
      view.put("message", finding.message());
      out().println(Json.compact(view));
      return;
    }
    String place =
        view.entrySet().stream()
            .map(
                entry ->
                    entry.getKey().equals("location")
                        ? finding.location()
                        : entry.getKey() + " '" + entry.getValue() + "'")
            .collect(Collectors.joining(", "));
    out().println(Printable.line(finding.kind() + ": " + place + ": " + finding.message()));
  }

  private static void putIfKnown(Map<String, Object> view, String name, @Nullable String value) {
    if (value != null) {
      view.put(name, value);
    }
  }

  private void print(Map<String, Object> counts) {
    if (json) {
      out().println(Json.compact(counts));
      return;
    }
    out()
        .println(
            counts.entrySet().stream()
                .map(count -> label(count.getKey()) + ": " + count.getValue())
                .collect(Collectors.joining(", ")));
  }

  private static String label(String count) {
    return switch (count) {
      case "checkpoints" -> "intact checkpoints";
      case "salvaged" -> "salvaged checkpoints";
      default -> count;
    };
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
