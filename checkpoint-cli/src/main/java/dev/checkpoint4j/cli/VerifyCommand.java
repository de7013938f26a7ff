package dev.checkpoint4j.cli;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.StoreVerification.Finding;
import dev.checkpoint4j.cli.StoreVerification.Summary;
import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.FileUrl;
import dev.checkpoint4j.cli.support.JdbcUrl;
import dev.checkpoint4j.cli.support.Json;
import dev.checkpoint4j.cli.support.Printable;
import dev.checkpoint4j.cli.support.StoreAddress;
import dev.checkpoint4j.cli.support.StoreCommand;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
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

/**
 * Looks for damage in a file, JDBC or S3 store, copies what is intact into a new store, and removes
 * what is left over in an S3 store.
 */
@Command(
    name = "verify",
    description = {
      "Reads all of a file, JDBC or S3 store, says what is wrong and what is left over, a line"
          + " each, and how much is intact.",
      "Changes nothing and takes no locks: the store may be in use, or too damaged to be opened.",
      "With --salvage-to, --option and its environment variable are for the store that is written."
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
          "Copies every intact checkpoint into this store, which must be new or empty: a file store"
              + " or any other.")
  private @Nullable String salvageTo;

  @Option(
      names = "--repair",
      description =
          "Removes what crashed writers and deletions have left behind in an S3 store, once it is an"
              + " hour old. The store may be in use.")
  private boolean repair;

  @Option(
      names = "--json",
      description =
          "Prints an object a line: one for each problem, with \"file\", \"namespace\" or \"key\", then"
              + " {\"namespaces\": ...}.")
  private boolean json;

  @Override
  public Integer call() {
    StoreAddress store = store();
    if (repair && salvageTo != null) {
      throw wrongUsage("--repair and --salvage-to exclude each other");
    }
    if (salvageTo == null) {
      return verify(verification(store), null);
    }
    // The options are for the target.
    StoreVerification source = verification(StoreAddress.of(store.url()));
    StoreAddress target = new StoreAddress(salvageTo, store.options());
    FileUrl.folder(salvageTo).ifPresent(path -> requireNew(path, FileUrl.folder(store.url())));
    if (isS3(salvageTo) && place(salvageTo).startsWith(place(store.url()))) {
      throw new CommandFailedException(
          ExitCode.STORE,
          "the target is within the store that is to be salvaged; name another prefix with"
              + " --salvage-to");
    }
    try (CheckpointRepository repository = argument(target::open)) {
      return verify(source, new Salvage(repository));
    }
  }

  private static boolean isS3(String url) {
    return url.regionMatches(true, 0, "s3:", 0, 3);
  }

  /** What the keys of an S3 store begin with, and its bucket. */
  private static String place(String url) {
    String location = url.split("\\?", 2)[0];
    return location.endsWith("/") ? location : location + "/";
  }

  private StoreVerification verification(StoreAddress store) {
    if (FileUrl.folder(store.url()).isPresent()) {
      if (repair) {
        throw wrongUsage(
            "--repair works on S3 stores; what is intact of a file store is copied: --salvage-to");
      }
      Path folder = StoreVerification.folder(store);
      if (!Files.exists(folder)) {
        throw new CommandFailedException(
            ExitCode.STORE, "there is no store: '" + folder + "' does not exist");
      }
      return StoreVerification.ofFiles(folder);
    }
    if (isS3(store.url())) {
      return StoreVerification.ofObjects(StoreVerification.builder(store), repair);
    }
    if (JdbcUrl.isOne(store.url())) {
      if (repair) {
        throw wrongUsage(
            "--repair works on S3 stores; what is intact of a JDBC store is copied: --salvage-to");
      }
      return StoreVerification.ofTables(existing(store.withDefault("schemaMode", "none")));
    }
    throw wrongUsage(
        "verify works on file, JDBC and S3 stores; their URLs start with file:, jdbc: or s3:, for"
            + " example file:./state");
  }

  /** Before anything is made there. */
  private static void requireNew(Path target, Optional<Path> source) {
    try {
      Path existing = target.toAbsolutePath();
      while (!Files.exists(existing) && existing.getParent() != null) {
        existing = existing.getParent();
      }
      if (source.isPresent() && existing.toRealPath().startsWith(source.get().toRealPath())) {
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

  private int verify(StoreVerification verification, @Nullable Salvage salvage) {
    Summary summary =
        verification.run(
            checkpoint -> {
              if (salvage != null) {
                salvage.copy(checkpoint);
              }
            },
            this::print);
    if (salvage != null) {
      summary.counts().put("salvaged", salvage.copied);
    }
    print(summary);
    return summary.isSound() ? ExitCode.OK : ExitCode.NOT_FOUND_OR_UNVERIFIED;
  }

  private void print(Finding finding) {
    if (json) {
      Map<String, Object> view = new LinkedHashMap<>(finding.place());
      view.put("kind", finding.kind());
      view.put("damage", finding.isDamage());
      view.put("message", finding.message());
      out().println(Json.compact(view));
    } else {
      String place =
          finding.place().entrySet().stream()
              .map(entry -> (entry.getKey().equals("offset") ? "byte " : "") + entry.getValue())
              .collect(Collectors.joining(", "));
      out()
          .println(
              Printable.line("%s: %s: %s".formatted(finding.kind(), place, finding.message())));
    }
  }

  private void print(Summary summary) {
    if (json) {
      out().println(Json.compact(summary.counts()));
      return;
    }
    out()
        .println(
            summary.counts().entrySet().stream()
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
