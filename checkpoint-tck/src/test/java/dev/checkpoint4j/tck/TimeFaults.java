package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TimeZone;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Times that pass through a type that does not hold them, on one path only. */
final class TimeFaults {

  private static final int KINDS_OF_A_PATH = 3;
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  /** A type that a time passes through. */
  private record Narrow(String name, UnaryOperator<Instant> through) {
    Instant of(Instant time) {
      Instant narrowed = through.apply(time);
      return narrowed.isBefore(CheckpointHeader.MIN_TS) || narrowed.isAfter(CheckpointHeader.MAX_TS)
          ? time
          : narrowed;
    }
  }

  private static final List<Narrow> KINDS =
      List.of(
          new Narrow(
              "in nanoseconds of 64 bits",
              time ->
                  Instant.ofEpochSecond(0, time.getEpochSecond() * 1_000_000_000 + time.getNano())),
          new Narrow("in milliseconds", time -> time.truncatedTo(ChronoUnit.MILLIS)),
          new Narrow("as a local time of a zone", TimeFaults::local),
          new Narrow(
              "in microseconds of a double",
              time -> Instant.EPOCH.plus((long) (double) micros(time), ChronoUnit.MICROS)),
          new Narrow("in seconds", time -> time.truncatedTo(ChronoUnit.SECONDS)),
          new Narrow(
              "in seconds of 32 bits",
              time -> Instant.ofEpochSecond(time.getEpochSecond() << 32 >> 32, time.getNano())),
          new Narrow("in the Julian calendar before 1582", TimeFaults::julian),
          new Narrow(
              "not before 1970", time -> time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time),
          new Narrow(
              "in seconds of a double",
              time -> {
                double seconds = micros(time) / 1e6;
                return Instant.EPOCH.plus(Math.round(seconds * 1e6), ChronoUnit.MICROS);
              }),
          new Narrow(
              "rounded to milliseconds",
              time -> time.plus(500, ChronoUnit.MICROS).truncatedTo(ChronoUnit.MILLIS)),
          new Narrow(
              "with a fraction towards zero",
              time ->
                  time.isBefore(Instant.EPOCH) && !time.equals(time.truncatedTo(ChronoUnit.SECONDS))
                      ? time.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1)
                      : time),
          new Narrow("with the year of the week", TimeFaults::weekYear),
          new Narrow("with a year of two digits", TimeFaults::twoDigits));

  private TimeFaults() {}

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    int turn = 0;
    for (Use use : uses()) {
      for (int i = 0; i < KINDS_OF_A_PATH; i++) {
        Narrow kind = KINDS.get(turn++ % KINDS.size());
        all.add(
            GeneratedMutant.of(
                "time " + kind.name(), use.path(), "ts", good -> use.fault().apply(good, kind)));
      }
    }
    return all;
  }

  private record Use(String path, BiFunction<BackendStorage, Narrow, BackendStorage> fault) {}

  private static List<Use> uses() {
    List<Use> uses = new ArrayList<>();
    for (ReadPath path : ReadPath.values()) {
      uses.add(
          new Use(
              path.label(), (good, kind) -> path.changing(good, found -> withTime(found, kind))));
    }
    for (ReadPath path : List.of(ReadPath.LIST, ReadPath.HEADERS)) {
      uses.add(
          new Use(
              "start of the times of " + path.label(),
              (good, kind) ->
                  path.answering(good, (storage, query) -> range(storage, query, kind, true))));
      uses.add(
          new Use(
              "end of the times of " + path.label(),
              (good, kind) ->
                  path.answering(good, (storage, query) -> range(storage, query, kind, false))));
    }
    uses.add(
        new Use(
            "put, the repetition",
            (good, kind) -> RetryFaults.alike(good, each -> withTime(each, kind))));
    return uses;
  }

  private static Checkpoint withTime(Checkpoint found, Narrow kind) {
    return found.toBuilder().ts(kind.of(found.ts())).build();
  }

  private static Page<Checkpoint> range(
      BackendStorage storage, CheckpointQuery query, Narrow kind, boolean isStart) {
    Optional<Instant> end = isStart ? query.tsFrom() : query.tsBefore();
    if (end.isEmpty()
        || end.get().isBefore(CheckpointHeader.MIN_TS)
        || end.get().isAfter(CheckpointHeader.MAX_TS)) {
      return storage.list(query);
    }
    CheckpointQuery.Builder copy = CheckpointQuery.builder(query.namespace());
    (isStart ? query.tsBefore() : query.tsFrom())
        .ifPresent(isStart ? copy::tsBefore : copy::tsFrom);
    query.sessionId().ifPresent(copy::sessionId);
    query.taskId().ifPresent(copy::taskId);
    query.parentId().ifPresent(copy::parentId);
    query.attributes().forEach(copy::attribute);
    CheckpointQuery others = copy.versions(query.minVersion(), query.maxVersion()).build();
    Instant narrowed = kind.of(end.get());
    return Faulty.page(
        Faulty.everything(storage, query.namespace(), query.order()).stream()
            .filter(each -> others.matches(each.header()))
            .filter(each -> kind.of(each.ts()).isBefore(narrowed) != isStart)
            .toList(),
        query);
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /** The second of two equal local times, at the end of summer time, becomes the first. */
  private static Instant local(Instant time) {
    return LocalDateTime.ofInstant(time, NEW_YORK).atZone(NEW_YORK).toInstant();
  }

  private static Instant julian(Instant time) {
    LocalDateTime fields = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
    GregorianCalendar calendar = new GregorianCalendar(TimeZone.getTimeZone("UTC"), Locale.ROOT);
    calendar.clear();
    calendar.set(
        fields.getYear(),
        fields.getMonthValue() - 1,
        fields.getDayOfMonth(),
        fields.getHour(),
        fields.getMinute(),
        fields.getSecond());
    return calendar.toInstant().plusNanos(fields.getNano());
  }

  private static Instant weekYear(Instant time) {
    LocalDateTime fields = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
    int year = fields.get(IsoFields.WEEK_BASED_YEAR);
    return year == fields.getYear()
        ? time
        : time.plus(Duration.ofDays(365L * (year - fields.getYear())));
  }

  private static Instant twoDigits(Instant time) {
    LocalDateTime fields = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
    long year = 2000 + fields.getLong(ChronoField.YEAR) % 100;
    return fields.getYear() / 100 == 19 || fields.getYear() / 100 == 20
        ? time
        : fields.withYear((int) year).toInstant(ZoneOffset.UTC);
  }
}
