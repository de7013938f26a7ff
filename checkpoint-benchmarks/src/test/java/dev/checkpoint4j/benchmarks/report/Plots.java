package dev.checkpoint4j.benchmarks.report;

import dev.checkpoint4j.benchmarks.Operation;
import dev.checkpoint4j.benchmarks.Point;
import dev.checkpoint4j.benchmarks.media.Backend;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The results as pictures, in PNG; XChart writes letters to an SVG as outlines, which makes it ten
 * times as large.
 */
final class Plots {

  private static final int WIDTH = 760;
  private static final int HEIGHT = 440;

  /** Twice those of a screen, for which width and height are meant. */
  private static final int DOTS_PER_INCH = 144;

  private static final double NANOS_OF_MICRO = 1_000;

  private static final Color[] COLORS = {
    new Color(0x1b6ca8),
    new Color(0xc0392b),
    new Color(0x27803b),
    new Color(0x8e5ea2),
    new Color(0xb8860b),
    new Color(0x34495e),
    new Color(0xd35400),
    new Color(0x16a085)
  };

  private final Figures figures;
  private final List<Backend> backends;
  private final Path directory;

  Plots(Figures figures, List<Backend> backends, Path directory) {
    this.figures = figures;
    this.backends = backends;
    this.directory = directory;
  }

  /**
   * Writes all that there are results for.
   *
   * @return the names of the files, in their order
   */
  List<String> write() throws IOException {
    List<String> written = new ArrayList<>();
    for (Operation operation : List.of(Operation.PUT, Operation.LATEST)) {
      lines(
              operation.title() + ": time by the length of the history",
              "checkpoints in the session",
              operation,
              List.of("ours", "bare"))
          .ifPresent(chart -> written.add(save(chart, operation.title() + "-by-history")));
    }
    lines(
            "put of a growing chat: time by its length",
            "steps of the chat",
            Operation.CHAT_PUT,
            sides())
        .ifPresent(chart -> written.add(save(chart, "chat-put")));
    ratios().ifPresent(chart -> written.add(save(chart, "ratios")));
    return written;
  }

  private List<String> sides() {
    List<String> sides = new ArrayList<>(List.of("ours", "bare"));
    sides.addAll(figures.peers());
    return sides;
  }

  private Optional<XYChart> lines(
      String title, String axis, Operation operation, List<String> sides) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(axis)
            .yAxisTitle("µs, median")
            .build();
    style(chart.getStyler());
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisLogarithmic(true);
    // Not as powers of ten.
    chart.getStyler().setYAxisDecimalPattern("#,##0.##");
    List<Backend> shown = new ArrayList<>(backends);
    if (operation == Operation.CHAT_PUT) {
      shown.add(Backend.JACKSON);
    }
    for (int i = 0; i < shown.size(); i++) {
      for (String side : sides) {
        line(chart, operation, shown.get(i), side, COLORS[i % COLORS.length]);
      }
    }
    return chart.getSeriesMap().isEmpty() ? Optional.empty() : Optional.of(chart);
  }

  private void line(XYChart chart, Operation operation, Backend backend, String side, Color color) {
    List<Double> lengths = new ArrayList<>();
    List<Double> micros = new ArrayList<>();
    for (Point point : byHistory(operation, backend)) {
      figures
          .nanos(point, side)
          .ifPresent(
              spread -> {
                lengths.add((double) point.history());
                micros.add(spread.median() / NANOS_OF_MICRO);
              });
    }
    if (lengths.size() < 2) {
      return;
    }
    XYSeries series = chart.addSeries(name(backend, side), lengths, micros);
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setLineStyle(stroke(side));
  }

  private static String name(Backend backend, String side) {
    return switch (side) {
      case "ours" -> backend == Backend.JACKSON ? "the codec alone" : backend.toString();
      case "bare" -> backend == Backend.JACKSON ? "Jackson alone" : backend + ", bare";
      default -> side;
    };
  }

  private static BasicStroke stroke(String side) {
    float[] dashes =
        switch (side) {
          case "ours" -> null;
          case "bare" -> new float[] {6, 4};
          default -> new float[] {2, 3};
        };
    return new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dashes, 0);
  }

  /** Those that differ in the history only. */
  private List<Point> byHistory(Operation operation, Backend backend) {
    return figures
        .points(
            point ->
                point.operation() == operation
                    && point.backend() == backend
                    && point.equals(Point.base(operation, backend).history(point.history())))
        .stream()
        .sorted(Comparator.comparingInt(Point::history))
        .toList();
  }

  private Optional<CategoryChart> ratios() {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Time relative to the bare medium (1 KB, history 10)")
            .yAxisTitle("ratio, median of the rounds")
            .build();
    style(chart.getStyler());
    chart.getStyler().setYAxisMin(0.0);
    for (Operation operation : List.of(Operation.PUT, Operation.LATEST)) {
      List<String> names = new ArrayList<>();
      List<Double> medians = new ArrayList<>();
      for (Backend backend : backends) {
        figures
            .ratio(Point.base(operation, backend))
            .ifPresent(
                spread -> {
                  names.add(backend.toString());
                  medians.add(spread.median());
                });
      }
      if (!names.isEmpty()) {
        chart
            .addSeries(operation.title(), names, medians)
            .setFillColor(COLORS[operation == Operation.PUT ? 0 : 4]);
      }
    }
    return chart.getSeriesMap().isEmpty() ? Optional.empty() : Optional.of(chart);
  }

  private static void style(Styler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setBaseFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
  }

  private String save(Chart<?, ?> chart, String name) {
    String file = name + ".png";
    try {
      BitmapEncoder.saveBitmapWithDPI(
          chart, directory.resolve(file).toString(), BitmapFormat.PNG, DOTS_PER_INCH);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}
