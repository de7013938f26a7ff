package dev.checkpoint4j.cli.support;

import dev.checkpoint4j.store.jdbc.JdbcUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that has a store, and which one that is. */
public abstract class StoreCommand extends CliCommand {

  /** What docs/file-format.md says every file store holds. */
  private static final String FILE_STORE_MARKER = "checkpoint-store";

  /** Where the URL may stand instead, since the arguments of a process are no place for secrets. */
  public static final String STORE_VARIABLE = "CHECKPOINT_STORE";

  /** Where options may stand, for the same reason. */
  public static final String OPTIONS_VARIABLE = "CHECKPOINT_STORE_OPTIONS";

  @Option(
      names = "--store",
      paramLabel = "URL",
      description =
          "The store, for example file:./state or jdbc:postgresql://host/db (default: what the environment variable "
              + STORE_VARIABLE
              + " holds; for demo, a file store in a new temporary folder, which is deleted at the"
              + " end).")
  private @Nullable String url;

  @Option(
      names = "--option",
      paramLabel = "NAME=VALUE",
      description =
          "An option of the store, beside its URL; may be repeated. The environment variable "
              + OPTIONS_VARIABLE
              + " may hold more, NAME=VALUE on a line each, as they are: the place for a password,"
              + " since others on the machine can see arguments. Of the same option, the one on the"
              + " command line counts.")
  private List<String> options = new ArrayList<>();

  /** The store that the arguments name, if they do. */
  public final Optional<StoreAddress> storeOfArguments() {
    if (url == null && !options.isEmpty()) {
      throw wrongUsage("--option is for the store that --store names, and there is no --store");
    }
    return Optional.ofNullable(url).map(this::address);
  }

  /** The store that the arguments name or, if they do not, the environment. */
  public final StoreAddress store() {
    return Optional.ofNullable(url)
        .or(() -> Optional.ofNullable(System.getenv(STORE_VARIABLE)))
        .map(this::address)
        .orElseThrow(
            () -> wrongUsage("Missing required option: '--store=URL', or " + STORE_VARIABLE));
  }

  private StoreAddress address(String named) {
    List<String> ofEnvironment =
        Objects.requireNonNullElse(System.getenv(OPTIONS_VARIABLE), "")
            .lines()
            .filter(line -> !line.isBlank())
            .toList();
    Map<String, String> all =
        new LinkedHashMap<>(parse(ofEnvironment, "a line of " + OPTIONS_VARIABLE));
    all.putAll(parse(options, "an --option"));
    return new StoreAddress(named, all);
  }

  private Map<String, String> parse(List<String> texts, String each) {
    Map<String, String> parsed = new LinkedHashMap<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals <= 0) {
        // What is malformed may well be a secret, hence is not shown.
        throw wrongUsage(each + " is not of the form NAME=VALUE, for example tablePrefix=cp_");
      }
      String name = text.substring(0, equals);
      if (parsed.put(name, text.substring(equals + 1)) != null) {
        throw wrongUsage(each + " gives '" + name + "' a second time; keep one of them");
      }
    }
    return parsed;
  }

  /** Opening a store creates what is missing of it, which a typing error should not do. */
  public final StoreAddress existing(StoreAddress store) {
    String url = store.url();
    Optional<Path> folder = FileUrl.folder(url);
    folder
        .or(() -> argument(() -> JdbcUrl.file(url)))
        .filter(path -> !Files.exists(path))
        .ifPresent(path -> noStore("'" + path + "' does not exist"));
    folder
        .filter(path -> Files.isDirectory(path) && !Files.exists(path.resolve(FILE_STORE_MARKER)))
        .ifPresent(path -> noStore("'" + path + "' has no file '" + FILE_STORE_MARKER + "'"));
    return JdbcUrl.isOne(url)
        ? new StoreAddress(JdbcUrl.withoutCreating(url), store.options())
            .withDefault("schemaMode", "validate")
        : store;
  }

  private static void noStore(String why) {
    throw new CommandFailedException(ExitCode.STORE, "there is no store: " + why);
  }
}
