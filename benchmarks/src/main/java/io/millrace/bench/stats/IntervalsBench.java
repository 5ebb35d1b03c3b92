// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Measurement.Beside;
import io.millrace.bench.Timed;
import io.millrace.stats.metric.BinaryEstimates;
import io.millrace.stats.metric.BinaryMetricsAccumulator;
import io.millrace.stats.metric.Estimate;
import io.millrace.stats.metric.Interval;
import io.millrace.stats.metric.PoissonBootstrap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;

/**
 * How often 95 % intervals of a model's figures hold the figure that endlessly many rows would
 * show, over seeded samples; and what they cost. With rows that belong together, by the intervals
 * for independent rows and by those that draw whole customers. The shares are the same on any
 * machine.
 */
public final class IntervalsBench implements Bench {
  private static final int SAMPLES = 1_000;
  private static final int[] ROWS = {200, 1_000, 5_000};
  private static final int MANY = 4_000_000;
  private static final double CONFIDENCE = 0.95;
  private static final int CUSTOMERS = 300;
  private static final int ORDERS = 5;
  private static final int REPLICATES = 200;
  private static final int COST_ROWS = 100_000;
  private static final int RUNS = 5;

  /** How the true probability hangs on the one that is predicted. */
  private record Model(String name, DoubleUnaryOperator truth) {}

  private static final List<Model> MODELS =
      List.of(
          new Model("calibrated model", predicted -> predicted),
          new Model("model a tenth too high", predicted -> 0.9 * predicted),
          new Model("model much too sure", predicted -> 0.1 + 0.5 * predicted));

  @Override
  public String name() {
    return "intervals";
  }

  @Override
  public String description() {
    return "how often 95 % intervals of AUC, average precision, F1, log loss, Brier score and"
        + " calibration error hold the truth; their cost";
  }

  @Override
  public void run(BenchRun run) {
    for (Model model : MODELS) {
      run.say("  " + model.name());
      Map<String, Double> truths = new TreeMap<>();
      Sample many = Sample.independent(model.truth(), 99, MANY);
      many.estimates().forEach((name, estimate) -> truths.put(name, estimate.value()));
      for (int rows : ROWS) {
        covered(run, model, rows, truths);
      }
    }
    run.say("  customers");
    customers(run);
    cost(run);
  }

  private record Sample(double[] scores, boolean[] labels) {
    static Sample independent(DoubleUnaryOperator truth, long seed, int rows) {
      SplittableRandom random = new SplittableRandom(seed);
      Sample sample = new Sample(new double[rows], new boolean[rows]);
      for (int i = 0; i < rows; i++) {
        // To the low side: about one row in three is positive.
        sample.scores[i] = Math.pow(random.nextDouble(), 2);
        sample.labels[i] = random.nextDouble() < truth.applyAsDouble(sample.scores[i]);
      }
      return sample;
    }

    /** Orders of one customer share most of the score and most of the luck. */
    static Sample ofCustomers(long seed, int customers) {
      SplittableRandom random = new SplittableRandom(seed);
      Sample sample = new Sample(new double[customers * ORDERS], new boolean[customers * ORDERS]);
      for (int customer = 0; customer < customers; customer++) {
        double taste = random.nextGaussian();
        double luck = random.nextGaussian();
        for (int row = customer * ORDERS; row < (customer + 1) * ORDERS; row++) {
          sample.scores[row] = 1 / (1 + Math.exp(1 - taste - 0.3 * random.nextGaussian()));
          double odds = taste + luck - 1;
          sample.labels[row] = random.nextDouble() < 1 / (1 + Math.exp(-2 * odds));
        }
      }
      return sample;
    }

    Map<String, Estimate> estimates() {
      return BinaryEstimates.of(scores, labels, 0.5, CONFIDENCE);
    }

    PoissonBootstrap<BinaryMetricsAccumulator> bootstrap(long seed) {
      PoissonBootstrap<BinaryMetricsAccumulator> bootstrap =
          new PoissonBootstrap<>(REPLICATES, seed, BinaryMetricsAccumulator::new);
      for (int i = 0; i < scores.length; i++) {
        double score = scores[i];
        boolean label = labels[i];
        bootstrap.add(i / ORDERS, (replicate, times) -> replicate.add(score, label, times));
      }
      return bootstrap;
    }
  }

  private static void covered(BenchRun run, Model model, int rows, Map<String, Double> truths) {
    List<Map<String, Estimate>> samples =
        LongStream.range(0, SAMPLES)
            .parallel()
            .mapToObj(seed -> Sample.independent(model.truth(), seed, rows).estimates())
            .toList();
    truths.forEach(
        (name, truth) ->
            share(
                run,
                String.format(Locale.ROOT, "%s, %,d rows", model.name(), rows),
                name + ", intervals that hold it",
                samples.stream()
                    .map(each -> each.get(name))
                    .filter(each -> each.low() <= truth && truth <= each.high())
                    .count(),
                SAMPLES));
  }

  private static void customers(BenchRun run) {
    Map<String, Double> truths = new TreeMap<>();
    Sample.ofCustomers(99, MANY / ORDERS)
        .estimates()
        .forEach((name, estimate) -> truths.put(name, estimate.value()));
    double auc = Objects.requireNonNull(truths.get("auc"));
    double precision = Objects.requireNonNull(truths.get("average_precision"));
    int samples = SAMPLES / 2;
    List<boolean[]> held =
        LongStream.range(0, samples)
            .parallel()
            .mapToObj(
                seed -> {
                  Sample sample = Sample.ofCustomers(seed, CUSTOMERS);
                  Estimate apart = Objects.requireNonNull(sample.estimates().get("auc"));
                  PoissonBootstrap<BinaryMetricsAccumulator> bootstrap = sample.bootstrap(seed);
                  Interval together = bootstrap.interval(CONFIDENCE, BinaryMetricsAccumulator::auc);
                  Interval precisions =
                      bootstrap.interval(CONFIDENCE, BinaryMetricsAccumulator::averagePrecision);
                  return new boolean[] {
                    apart.low() <= auc && auc <= apart.high(),
                    together.contains(auc),
                    precisions.contains(precision)
                  };
                })
            .toList();
    List<String> metrics =
        List.of(
            "auc, intervals for independent rows that hold it",
            "auc, intervals by customer that hold it",
            "average_precision, intervals by customer that hold it");
    String subject = "%d customers of %d orders".formatted(CUSTOMERS, ORDERS);
    for (int i = 0; i < metrics.size(); i++) {
      int metric = i;
      long count = held.stream().filter(each -> each[metric]).count();
      share(run, subject, metrics.get(i), count, samples);
    }
  }

  private static void share(BenchRun run, String subject, String metric, long count, int samples) {
    run.overall(
        subject,
        metric,
        "share",
        (double) count / samples,
        new Beside("confidence", CONFIDENCE),
        samples);
  }

  private static void cost(BenchRun run) {
    Sample sample = Sample.independent(MODELS.getFirst().truth(), 1, COST_ROWS);
    List<Double> estimates = new ArrayList<>();
    List<Double> bootstraps = new ArrayList<>();
    for (int i = 0; i <= run.runs(RUNS); i++) {
      estimates.add(Timed.of(sample::estimates).cpuSeconds() * 1e6 / COST_ROWS);
      bootstraps.add(Timed.of(() -> sample.bootstrap(1)).cpuSeconds() * 1e6 / COST_ROWS);
    }
    String subject = String.format(Locale.ROOT, "%,d rows", COST_ROWS);
    // The first of each only warmed up.
    run.result(
        subject,
        "all figures with intervals for independent rows",
        "us of CPU a row",
        estimates.subList(1, estimates.size()));
    run.result(
        subject,
        "%d bootstrap replicates".formatted(REPLICATES),
        "us of CPU a row",
        bootstraps.subList(1, bootstraps.size()));
  }
}
