// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Median;
import io.millrace.stats.detector.AnytimeValid;
import io.millrace.stats.detector.DetectorState;
import io.millrace.stats.detector.Detectors;
import io.millrace.stats.detector.DriftDetector;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * How often each detector cries wolf on streams that do not change, and how soon and how surely it
 * sees a change, after a short quiet past and after a long one. Every stream has its own seed, so
 * the figures are the same on any machine.
 */
public final class FalseAlarmsBench implements Bench {
  private static final int STREAMS = 1_000;
  private static final int LENGTH = 100_000;
  private static final int SHORT_PAST = 10_000;
  private static final int LONG_PAST = 1_000_000;
  private static final int LONG_STREAMS = 50;
  private static final int WITHIN = 10_000;
  private static final double BEFORE = 0.2;

  /** What {@link AnytimeValid} promises by default, of a stream of any length. */
  private static final double STATED_LEVEL = 0.01;

  private static final double[] AFTER = {0.22, 0.25, 0.3, 0.5};

  @Override
  public String name() {
    return "false-alarms";
  }

  @Override
  public String description() {
    return "false alarms of each detector over 1,000 stationary streams beside its stated level;"
        + " power and delay";
  }

  @Override
  public void run(BenchRun run) {
    for (String name : Detectors.names()) {
      run.say("  " + name);
      stationary(run, name, "errors, rate 0.2", uniform -> uniform < BEFORE ? 1 : 0);
      if (takesAnyShare(name)) {
        stationary(run, name, "losses, uniform", uniform -> uniform);
        // Most losses are small, a few are large: the shape of a log loss.
        stationary(run, name, "losses, skewed", uniform -> Math.pow(uniform, 6));
      }
      for (double after : AFTER) {
        change(run, name, SHORT_PAST, after, STREAMS);
      }
      change(run, name, LONG_PAST, 0.3, LONG_STREAMS);
    }
  }

  private static boolean takesAnyShare(String name) {
    try {
      Detectors.create(name).update(0.5);
      return true;
    } catch (IllegalArgumentException e) {
      // Made for errors of 0 and 1.
      return false;
    }
  }

  private static void stationary(
      BenchRun run, String name, String stream, DoubleUnaryOperator value) {
    long[] alarms =
        IntStream.range(0, STREAMS)
            .parallel()
            .mapToLong(seed -> alarms(Detectors.create(name), new SplittableRandom(seed), value))
            .toArray();
    double struck = (double) IntStream.range(0, STREAMS).filter(i -> alarms[i] > 0).count();
    long all = 0;
    for (long each : alarms) {
      all += each;
    }
    String subject = String.format(Locale.ROOT, "%s, %,d x %,d %s", name, STREAMS, LENGTH, stream);
    String metric = "streams with a false alarm";
    if (name.equals(new AnytimeValid().name())) {
      run.result(
          subject,
          metric,
          "share",
          List.of(struck / STREAMS),
          "stated level",
          List.of(STATED_LEVEL));
    } else {
      run.result(subject, metric, "share", struck / STREAMS);
    }
    run.result(subject, "false alarms", "per million values", all * 1e6 / STREAMS / LENGTH);
  }

  private static long alarms(
      DriftDetector detector, SplittableRandom random, DoubleUnaryOperator value) {
    long alarms = 0;
    for (int i = 0; i < LENGTH; i++) {
      if (detector.update(value.applyAsDouble(random.nextDouble())) == DetectorState.DRIFT) {
        alarms++;
      }
    }
    return alarms;
  }

  private static void change(BenchRun run, String name, int past, double after, int streams) {
    double[] delays =
        IntStream.range(0, streams)
            .parallel()
            .mapToDouble(seed -> delay(Detectors.create(name), seed, past, after))
            .toArray();
    double[] seen = Arrays.stream(delays).filter(Double::isFinite).toArray();
    String subject =
        String.format(Locale.ROOT, "%s, %s to %s after %,d values", name, BEFORE, after, past);
    run.result(subject, "changes seen within " + WITHIN, "share", (double) seen.length / streams);
    if (seen.length > 0) {
      run.result(subject, "delay where seen, median", "values", Median.quantile(seen, 0.5));
      run.result(subject, "delay where seen, p90", "values", Median.quantile(seen, 0.9));
    }
  }

  /** Values from the change to the first alarm after it; infinite where there is none in time. */
  private static double delay(DriftDetector detector, int seed, int past, double after) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < past; i++) {
      detector.update(random.nextDouble() < BEFORE ? 1 : 0);
    }
    for (int i = 1; i <= WITHIN; i++) {
      if (detector.update(random.nextDouble() < after ? 1 : 0) == DetectorState.DRIFT) {
        return i;
      }
    }
    return Double.POSITIVE_INFINITY;
  }
}
