package dev.checkpoint4j.cli;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.VersionUtils;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.Json;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints one checkpoint. */
@Command(
    name = "show",
    description = {
      "Prints a checkpoint as JSON: the latest of a session, or one by version or by id.",
      "What JSON does not have is shown as text: times in ISO 8601, bytes in Base64, NaN by name."
    })
final class ShowCommand extends RepositoryCommand {

  @ArgGroup(multiplicity = "1")
  @SuppressWarnings("NullAway.Init") // Required, hence set by picocli.
  private Which which;

  @Option(names = "--json", description = "Prints the object on one line.")
  private boolean json;

  /** Either a session or an id. */
  static final class Which {

    @ArgGroup(exclusive = false)
    private @Nullable OfSession ofSession;

    @Option(names = "--id", paramLabel = "ID", description = "The id of the checkpoint.")
    private @Nullable String id;
  }

  /** A session and, unless the latest is meant, a version. */
  static final class OfSession {

    @Parameters(paramLabel = "SESSION", description = "The id of the session.")
    @SuppressWarnings("NullAway.Init") // Required, hence set by picocli.
    private String sessionId;

    @Option(
        names = "--version",
        paramLabel = "N",
        description = "The version to show (default: the latest).")
    private @Nullable Long version;
  }

  @Override
  int run(CheckpointRepository repository) {
    Map<String, @Nullable Object> view = Json.view(find(repository));
    out().println(json ? Json.compact(view) : Json.pretty(view));
    return ExitCode.OK;
  }

  private Checkpoint find(CheckpointRepository repository) {
    OfSession wanted = which.ofSession;
    if (wanted == null) {
      String id = String.valueOf(which.id);
      return argument(() -> repository.get(id)).orElseThrow(() -> NotFound.id(repository, id));
    }
    String sessionId = wanted.sessionId;
    Long version = wanted.version;
    if (version == null) {
      return argument(() -> repository.getBySession(sessionId))
          .orElseThrow(() -> NotFound.session(repository, sessionId));
    }
    return version(repository, sessionId, version)
        .orElseThrow(() -> NotFound.version(repository, sessionId, version));
  }

  private Optional<Checkpoint> version(
      CheckpointRepository repository, String sessionId, long version) {
    if (version < VersionUtils.FIRST) {
      throw wrongUsage("--version must be at least 1; it is " + version);
    }
    CheckpointQuery query =
        argument(
            () ->
                repository
                    .query()
                    .sessionId(sessionId)
                    .versions(version, version)
                    .limit(1)
                    .build());
    return repository.list(query).items().stream().findFirst();
  }
}
