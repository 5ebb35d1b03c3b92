// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Timed;
import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.DatasetWriter;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.pit.KnownEvent;
import io.millrace.features.pit.Moment;
import io.millrace.features.pit.PointInTimePass;
import io.millrace.features.view.ViewPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Point-in-time rows on one core: for every order line the 16 features of its customer as of that
 * moment, into a Parquet file. Beside it DuckDB, on one core too, over the same lines in memory:
 * {@code RANGE} windows, which give such rows, and {@code ASOF JOIN}, which only fetches one
 * earlier row and is the limit of what a join costs. The wall clock of a busy machine says little;
 * the rows of a CPU second say more. Fails where a value in the file is not, bit by bit, that of an
 * online read at its moment.
 */
public final class PitBench implements Bench {
  private static final int RUNS = 3;
  private static final int TIMES = 4;
  static final List<String> WINDOWS = List.of("1d", "7d", "30d", "90d");
  private static final List<String> AGGREGATES = List.of("count", "sum", "mean", "max");

  @Override
  public String name() {
    return "pit";
  }

  @Override
  public String description() {
    return "point-in-time rows/s of 16 windowed features to Parquet on one core, beside DuckDB's"
        + " range windows";
  }

  @Override
  public void run(BenchRun run) {
    Map<String, List<KnownEvent>> lines = OrderLines.read(run.requireRetail(), TIMES);
    int rows = lines.values().stream().mapToInt(List::size).sum();
    run.say("  %,d order lines of %,d customers".formatted(rows, lines.size()));
    List<Timed> own = new ArrayList<>();
    List<Timed> computed = new ArrayList<>();
    List<Timed> windows = new ArrayList<>();
    List<Timed> asOf = new ArrayList<>();
    long compared = 0;
    Path folder = folder();
    try (DuckDbWindows duck = new DuckDbWindows(lines)) {
      int runs = run.runs(RUNS);
      for (int i = 0; i <= runs; i++) {
        own.add(Timed.of(() -> build(lines, folder.resolve("own.parquet"))));
        computed.add(Timed.of(() -> compute(lines, (customer, event, row) -> {})));
        windows.add(Timed.of(() -> duck.windows(folder.resolve("windows.parquet"))));
        asOf.add(Timed.of(() -> duck.asOfJoin(folder.resolve("asof.parquet"))));
        run.say(
            "  %.1f s; without Parquet %.1f s; DuckDB windows %.1f s, as-of join %.1f s of CPU"
                .formatted(
                    own.getLast().cpuSeconds(),
                    computed.getLast().cpuSeconds(),
                    windows.getLast().cpuSeconds(),
                    asOf.getLast().cpuSeconds()));
      }
      compared = OnlineComparison.compare(lines, plan(), folder.resolve("own.parquet"));
    } catch (SQLException e) {
      throw new BenchException("DuckDB: " + e.getMessage(), e);
    } finally {
      remove(folder);
    }
    // The first of each only warmed up.
    List.of(own, computed, windows, asOf).forEach(List::removeFirst);
    String subject = "16 features of retail x" + TIMES;
    for (boolean cpu : new boolean[] {false, true}) {
      String metric = cpu ? "rows a CPU second" : "throughput";
      String unit = cpu ? "rows/CPU s" : "rows/s/core";
      List<Double> rates = rates(own, rows, cpu);
      run.result(
          subject + " to Parquet",
          metric,
          unit,
          rates,
          "DuckDB RANGE windows",
          rates(windows, rows, cpu));
      run.result(
          subject + " to Parquet", metric, unit, rates, "DuckDB ASOF JOIN", rates(asOf, rows, cpu));
      run.result(subject + ", not written", metric, unit, rates(computed, rows, cpu));
    }
    run.result(
        subject + " to Parquet",
        "values of a sample bit-equal to an online read of the moment",
        "of " + String.format(Locale.ROOT, "%,d", compared),
        (double) compared);
  }

  private static List<Double> rates(List<Timed> times, int rows, boolean cpu) {
    return times.stream().map(each -> rows / (cpu ? each.cpuSeconds() : each.seconds())).toList();
  }

  /** Takes one row; the array is used again for the next. */
  private interface RowSink {
    void row(String customer, KnownEvent event, double[] features);
  }

  /** Writes the rows of all lines. */
  static void build(Map<String, List<KnownEvent>> lines, Path file) {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("customer", ColumnType.TEXT));
    columns.add(new Column("moment", ColumnType.TIMESTAMP));
    for (String name : view().features().keySet()) {
      columns.add(new Column(name, ColumnType.NUMBER));
    }
    try (DatasetWriter writer = new DatasetWriter(file, columns)) {
      compute(
          lines,
          (customer, event, features) -> {
            writer.text(0, customer);
            writer.integer(1, event.eventTimeMs());
            writer.numbers(2, features);
            writer.endRow();
          });
      writer.finish();
    }
  }

  private static void compute(Map<String, List<KnownEvent>> lines, RowSink sink) {
    ViewPlan plan = plan();
    double[] row = new double[plan.size()];
    lines.forEach(
        (customer, events) -> {
          List<Moment> moments = new ArrayList<>(events.size());
          for (KnownEvent event : events) {
            moments.add(new Moment(event.eventTimeMs(), event.knownAtMs(), null));
          }
          PointInTimePass pass =
              new PointInTimePass(
                  List.of(plan),
                  PointInTimePass.Moments.of(moments),
                  (index, states) -> {
                    plan.readDoubles(states[0], moments.get(index).asOfMs(), row, 0);
                    sink.row(customer, events.get(index), row);
                  },
                  index -> {
                    throw new BenchException("row " + index + " is not answered in passing");
                  });
          events.forEach(pass::event);
          pass.end();
        });
  }

  /** The features of a row. */
  static ViewPlan plan() {
    return ViewPlan.compile(
        "lines",
        view(),
        new EventSchema(
            Map.of("Quantity", FieldType.INTEGER, "UnitPrice", FieldType.NUMBER), false));
  }

  private static FeatureViewDefinition view() {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (String window : WINDOWS) {
      for (String aggregate : AGGREGATES) {
        features.put(
            aggregate + "_" + window,
            FeatureDefinition.of(
                aggregate, aggregate.equals("count") ? null : "Quantity * UnitPrice", window));
      }
    }
    return new FeatureViewDefinition("order_line", "customer", null, features, null, null);
  }

  private static Path folder() {
    try {
      return Files.createTempDirectory("millrace-bench-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path folder) {
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
