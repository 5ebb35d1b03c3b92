// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Measurement.Beside;
import io.millrace.stats.detector.AnytimeValid;
import io.millrace.stats.detector.DetectorState;
import io.millrace.stats.detector.Detectors;
import io.millrace.stats.detector.DriftDetector;
import java.util.Arrays;
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
  private static final int LENGTH = 10_000;
  private static final int LONG = 100_000;
  private static final int SHORT_PAST = 3_000;
  private static final int LONG_PAST = 500_000;
  private static final int LONG_STREAMS = 20;
  private static final int WITHIN = 3_000;
  private static final double BEFORE = 0.2;

  /** Promises by default no false alarm on 99 of 100 streams, of any length; the others nothing. */
  private static final String PROMISES = new AnytimeValid().name();

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
      stationary(run, name, LENGTH, "errors, rate 0.2", uniform -> uniform < BEFORE ? 1 : 0);
      if (takesAnyShare(name)) {
        stationary(run, name, LENGTH, "losses, uniform", uniform -> uniform);
        // Most losses are small, a few are large: the shape of a log loss.
        stationary(run, name, LENGTH, "losses, skewed", uniform -> Math.pow(uniform, 6));
      }
      if (name.equals(PROMISES)) {
        stationary(run, name, LONG, "errors, rate 0.2", uniform -> uniform < BEFORE ? 1 : 0);
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
      BenchRun run, String name, int length, String stream, DoubleUnaryOperator value) {
    long[] alarms =
        IntStream.range(0, STREAMS)
            .parallel()
            .mapToLong(seed -> alarms(Detectors.create(name), seed, length, value))
            .toArray();
    String subject = String.format(Locale.ROOT, "%s, %,d values of %s", name, length, stream);
    run.overall(
        subject,
        "streams with a false alarm",
        "share",
        (double) Arrays.stream(alarms).filter(each -> each > 0).count() / STREAMS,
        name.equals(PROMISES) ? new Beside("stated level", STATED_LEVEL) : null,
        STREAMS);
    run.overall(
        subject,
        "false alarms",
        "per million values",
        Arrays.stream(alarms).sum() * 1e6 / STREAMS / length,
        null,
        STREAMS);
  }

  private static long alarms(
      DriftDetector detector, int seed, int length, DoubleUnaryOperator value) {
    SplittableRandom random = new SplittableRandom(seed);
    long alarms = 0;
    for (int i = 0; i < length; i++) {
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
    String subject =
        String.format(Locale.ROOT, "%s, %s to %s after %,d values", name, BEFORE, after, past);
    Delays.report(run, subject, WITHIN, delays);
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
