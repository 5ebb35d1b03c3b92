// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Measurement.Beside;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.test.ColumnDrift;
import io.millrace.stats.test.DriftPolicy;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How often the automatic choice of a drift test is wrong about columns that did not change, and
 * how surely it sees changes of three sizes, beside Evidently's rule on the same draws. The choice
 * here sees profiles only, Evidently's the raw values. Both at the level 0.05. Every pair of
 * windows has its own seed; quantile sketches draw random bits beside it.
 */
public final class DriftChoiceBench implements Bench {
  private static final int PAIRS = 1_000;
  private static final int[] ROWS = {200, 1_000, 5_000};
  private static final double LEVEL = 0.05;

  /** The usual least effect, and twice that for those who want to hear of larger changes only. */
  private static final List<DriftPolicy> POLICIES =
      List.of(DriftPolicy.DEFAULT, DriftPolicy.DEFAULT.withMinimumEffect(0.1));

  private static final String EVIDENTLY = "Evidently's table";

  @Override
  public String name() {
    return "drift-choice";
  }

  @Override
  public String description() {
    return "false alarms and power of the automatic drift test over 1,000 pairs of windows, beside"
        + " Evidently's choice";
  }

  /** Draws a value of a column that changed by a size: 0 not at all, 1 a little, 2, 3 much. */
  private interface Draw {
    double value(SplittableRandom random, int size);
  }

  private record Column(String name, boolean numeric, List<String> changes, Draw draw) {}

  private static final List<Column> COLUMNS =
      List.of(
          new Column(
              "normal",
              true,
              List.of("moved by 0.1 σ", "moved by 0.25 σ", "moved by 0.5 σ"),
              (random, size) -> random.nextGaussian() + new double[] {0, 0.1, 0.25, 0.5}[size]),
          new Column(
              "lognormal",
              true,
              List.of("×1.1", "×1.25", "×1.6"),
              (random, size) ->
                  Math.exp(random.nextGaussian()) * new double[] {1, 1.1, 1.25, 1.6}[size]),
          new Column(
              "counts, mean 3",
              true,
              List.of("mean 3.15", "mean 3.5", "mean 4"),
              (random, size) -> poisson(random, new double[] {3, 3.15, 3.5, 4}[size])),
          new Column(
              "ten categories",
              false,
              List.of("3 % of rows changed", "8 % of rows changed", "15 % of rows changed"),
              (random, size) ->
                  random.nextDouble() < new double[] {0, 0.03, 0.08, 0.15}[size]
                      ? 9
                      : Math.floor(10 * Math.pow(random.nextDouble(), 2))),
          new Column(
              "flag, 20 %",
              false,
              List.of("22 %", "26 %", "35 %"),
              (random, size) ->
                  random.nextDouble() < new double[] {0.2, 0.22, 0.26, 0.35}[size] ? 1 : 0));

  private static double poisson(SplittableRandom random, double mean) {
    double product = random.nextDouble();
    int count = 0;
    for (double limit = Math.exp(-mean); product > limit; count++) {
      product *= random.nextDouble();
    }
    return count;
  }

  @Override
  public void run(BenchRun run) {
    for (Column column : COLUMNS) {
      run.say("  " + column.name());
      for (int rows : ROWS) {
        for (int size = 0; size <= column.changes().size(); size++) {
          report(run, column, rows, size);
        }
      }
    }
  }

  private static void report(BenchRun run, Column column, int rows, int size) {
    long[] found = new long[POLICIES.size() + 1];
    IntStream.range(0, PAIRS)
        .parallel()
        .mapToObj(seed -> compare(column, rows, size, seed))
        .forEachOrdered(
            pair -> {
              for (int i = 0; i < found.length; i++) {
                found[i] += pair[i] ? 1 : 0;
              }
            });
    String subject =
        String.format(
            Locale.ROOT,
            "%s, %,d rows, %s",
            column.name(),
            rows,
            size == 0 ? "unchanged" : column.changes().get(size - 1));
    for (int i = 0; i < POLICIES.size(); i++) {
      run.overall(
          subject,
          "%s, least effect %s"
              .formatted(size == 0 ? "false alarms" : "power", POLICIES.get(i).minimumEffect()),
          "share",
          (double) found[i] / PAIRS,
          new Beside(EVIDENTLY, (double) found[POLICIES.size()] / PAIRS),
          PAIRS);
    }
  }

  private static boolean[] compare(Column column, int rows, int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] reference = new double[rows];
    double[] current = new double[rows];
    for (int i = 0; i < rows; i++) {
      reference[i] = column.draw().value(random, 0);
      current[i] = column.draw().value(random, size);
    }
    ColumnProfile then = profile(reference, column);
    ColumnProfile now = profile(current, column);
    boolean[] found = new boolean[POLICIES.size() + 1];
    for (int i = 0; i < POLICIES.size(); i++) {
      found[i] = ColumnDrift.compare(then, now, LEVEL, POLICIES.get(i)).drifted();
    }
    found[POLICIES.size()] = TableChoice.drifted(reference, current, column.numeric());
    return found;
  }

  private static ColumnProfile profile(double[] values, Column column) {
    ColumnProfile profile = new ColumnProfile();
    for (double value : values) {
      if (column.numeric()) {
        profile.update(value);
      } else {
        profile.update("c" + (int) value);
      }
    }
    return profile;
  }
}
