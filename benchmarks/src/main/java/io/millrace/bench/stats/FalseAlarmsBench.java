// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Measurement.Beside;
import io.millrace.bench.stats.OutcomeStream.Answer;
import io.millrace.stats.detector.DetectorState;
import io.millrace.stats.detector.Detectors;
import io.millrace.stats.detector.DriftDetector;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How often each detector cries wolf on streams that do not change, and how soon and how surely it
 * sees a change, after a short quiet past and after one of five million values, there beside MOA's.
 * Every stream has its own seed and is shown to all detectors alike, so but for HDDDM, whose
 * sketches draw random bits, the figures are the same on any machine.
 */
public final class FalseAlarmsBench implements Bench {
  private static final int STREAMS = 1_000;
  private static final int LENGTH = 10_000;
  private static final int LONG = 100_000;
  private static final int SHORT_PAST = 3_000;
  private static final int SHORT_WITHIN = 3_000;
  private static final int LONG_PAST = 5_000_000;
  private static final int LONG_WITHIN = 2_000_000;
  private static final int LONG_STREAMS = 10;
  private static final int REFERENCE = 5_000;
  private static final double BEFORE = 0.2;
  private static final double[] AFTER = {0.22, 0.25, 0.3, 0.5};
  private static final double[] AFTER_LONG = {0.3, 0.5};

  @Override
  public String name() {
    return "false-alarms";
  }

  @Override
  public String description() {
    return "false alarms of each detector over 1,000 stationary streams beside its stated level;"
        + " power and delay, after five million quiet values beside MOA 2024.07's";
  }

  @Override
  public void run(BenchRun run) {
    List<String> all = Watch.names();
    all.forEach(name -> StatedLevel.of(name).ifPresent(level -> stated(run, name, level)));
    run.say("  stationary streams");
    stationary(run, all, LENGTH);
    stationary(
        run,
        all.stream()
            .filter(name -> StatedLevel.of(name).filter(StatedLevel::isOfStream).isPresent())
            .toList(),
        LONG);
    for (String name : Detectors.names()) {
      if (takesAnyShare(name)) {
        losses(run, name, "losses, uniform", uniform -> uniform);
        // Most losses are small, a few are large: the shape of a log loss.
        losses(run, name, "losses, skewed", uniform -> Math.pow(uniform, 6));
      }
    }
    for (double after : AFTER) {
      run.say("  0.2 to " + after);
      change(run, all, after);
    }
    for (double after : AFTER_LONG) {
      run.say("  0.2 to %s after %,d values".formatted(after, LONG_PAST));
      changeAfterLong(run, all, after);
    }
  }

  private static void stated(BenchRun run, String name, StatedLevel level) {
    run.result(name, "stated false alarms of " + level.of(), "probability", level.probability());
  }

  private static void stationary(BenchRun run, List<String> names, int length) {
    Answer[][] answers = ask(seeds(STREAMS).parallel(), names, Watch::of, length, BEFORE, 0);
    for (int d = 0; d < names.size(); d++) {
      int detector = d;
      alarms(
          run,
          names.get(d),
          length,
          "errors, rate 0.2",
          Arrays.stream(answers).mapToLong(each -> each[detector].falseAlarms()).toArray());
    }
  }

  private static void losses(BenchRun run, String name, String stream, DoubleUnaryOperator value) {
    alarms(
        run,
        name,
        LENGTH,
        stream,
        IntStream.range(0, STREAMS)
            .parallel()
            .mapToLong(seed -> alarms(Detectors.create(name), seed, value))
            .toArray());
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

  private static long alarms(DriftDetector detector, int seed, DoubleUnaryOperator value) {
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, LENGTH)
        .filter(
            _ -> detector.update(value.applyAsDouble(random.nextDouble())) == DetectorState.DRIFT)
        .count();
  }

  private static void alarms(
      BenchRun run, String name, int length, String stream, long[] alarmsOfEach) {
    String subject = String.format(Locale.ROOT, "%s, %,d values of %s", name, length, stream);
    run.overall(
        subject,
        "streams with a false alarm",
        "share",
        (double) Arrays.stream(alarmsOfEach).filter(each -> each > 0).count() / STREAMS,
        StatedLevel.of(name)
            .filter(StatedLevel::isOfStream)
            .map(level -> new Beside("stated level", level.probability()))
            .orElse(null),
        STREAMS);
    run.overall(
        subject,
        "false alarms",
        "per million values",
        Arrays.stream(alarmsOfEach).sum() * 1e6 / STREAMS / length,
        null,
        STREAMS);
  }

  private static void change(BenchRun run, List<String> names, double after) {
    Answer[][] answers =
        ask(seeds(STREAMS).parallel(), names, Watch::of, SHORT_PAST, after, SHORT_WITHIN);
    for (int d = 0; d < names.size(); d++) {
      Delays.report(
          run, subject(names.get(d), after, SHORT_PAST), SHORT_WITHIN, delays(answers, d));
    }
  }

  private static void changeAfterLong(BenchRun run, List<String> names, double after) {
    Answer[][] own =
        ask(seeds(LONG_STREAMS).parallel(), names, Watch::of, LONG_PAST, after, LONG_WITHIN);
    List<String> peers = MoaDetectors.names();
    // One after the other, as its HDDM-W wants.
    Answer[][] moa =
        ask(
            seeds(LONG_STREAMS),
            peers,
            (name, _) -> MoaDetectors.watch(name),
            LONG_PAST,
            after,
            LONG_WITHIN);
    for (int d = 0; d < names.size(); d++) {
      int peer = peers.indexOf(names.get(d));
      String subject = subject(names.get(d), after, LONG_PAST);
      run.overall(
          subject,
          "false alarms in the quiet values",
          "a stream",
          falseAlarms(own, d),
          peer < 0 ? null : new Beside(MoaDetectors.MOA, falseAlarms(moa, peer)),
          LONG_STREAMS);
      double @Nullable [] delaysOfPeer = peer < 0 ? null : delays(moa, peer);
      Delays.report(run, subject, LONG_WITHIN, delays(own, d), MoaDetectors.MOA, delaysOfPeer);
    }
  }

  private static IntStream seeds(int streams) {
    return IntStream.range(0, streams);
  }

  private static String subject(String name, double after, int past) {
    return String.format(Locale.ROOT, "%s, %s to %s after %,d values", name, BEFORE, after, past);
  }

  private static double falseAlarms(Answer[][] answers, int detector) {
    return Arrays.stream(answers).mapToLong(each -> each[detector].falseAlarms()).sum()
        / (double) answers.length;
  }

  private static double[] delays(Answer[][] answers, int detector) {
    return Arrays.stream(answers).mapToDouble(each -> each[detector].delay()).toArray();
  }

  /** Of each stream, what each detector made of it. */
  private static Answer[][] ask(
      IntStream seeds,
      List<String> names,
      BiFunction<String, List<Outcome>, Watch> watch,
      int past,
      double after,
      int within) {
    return seeds
        .mapToObj(
            seed -> {
              HardRows rows = new HardRows(seed);
              List<Outcome> reference =
                  IntStream.range(0, REFERENCE).mapToObj(_ -> rows.next(BEFORE)).toList();
              return ask(
                  names.stream().map(name -> watch.apply(name, reference)).toList(),
                  rows,
                  past,
                  after,
                  within);
            })
        .toArray(Answer[][]::new);
  }

  private static Answer[] ask(
      List<Watch> watches, HardRows rows, int past, double after, int within) {
    long[] falseAlarms = new long[watches.size()];
    for (int i = 0; i < past; i++) {
      Outcome outcome = rows.next(BEFORE);
      for (int w = 0; w < falseAlarms.length; w++) {
        falseAlarms[w] += watches.get(w).alarms(outcome) ? 1 : 0;
      }
    }
    double[] delays = new double[watches.size()];
    Arrays.fill(delays, Double.POSITIVE_INFINITY);
    int waiting = watches.size();
    for (int i = 1; i <= within && waiting > 0; i++) {
      Outcome outcome = rows.next(after);
      for (int w = 0; w < delays.length; w++) {
        if (delays[w] == Double.POSITIVE_INFINITY && watches.get(w).alarms(outcome)) {
          delays[w] = i;
          waiting--;
        }
      }
    }
    return IntStream.range(0, delays.length)
        .mapToObj(w -> new Answer(falseAlarms[w], delays[w]))
        .toArray(Answer[]::new);
  }
}
