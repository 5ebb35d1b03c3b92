// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.monitor.performance.Outcome;
import io.millrace.monitor.performance.RecentOutcomes;
import io.millrace.stats.detector.AnytimeValid;
import io.millrace.stats.detector.DetectorState;
import io.millrace.stats.detector.Detectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The stream of outcomes beside the windows: what each promises, and what each finds. */
final class ConceptWatchTest {
  private static final int WINDOW = 1_000;
  private static final double LEVEL = 0.01;
  private static final String DETECTOR = "anytime_valid";

  /** What a stream is at a row. */
  @FunctionalInterface
  private interface Law {
    Outcome outcome(int i, SplittableRandom random);
  }

  private static Outcome outcome(int i, double score, double truth, SplittableRandom random) {
    return new Outcome("p" + i, score, random.nextDouble() < truth, i * 1_000L);
  }

  private static final Law HONEST =
      (i, random) -> {
        double score = 0.02 + 0.6 * random.nextDouble() * random.nextDouble();
        return outcome(i, score, score, random);
      };

  private static List<DriftFinding> looks(long seed, int rows, OutcomeStream stream, Law law) {
    return looks(seed, rows, WINDOW, stream, law);
  }

  private static List<DriftFinding> looks(
      long seed, int rows, int windowRows, OutcomeStream stream, Law law) {
    SplittableRandom random = new SplittableRandom(seed);
    RecentOutcomes recent = new RecentOutcomes(4 * windowRows);
    ConceptWatch watch = new ConceptWatch(windowRows, LEVEL, stream);
    List<DriftFinding> looks = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      Outcome outcome = law.outcome(i, random);
      recent.add(outcome);
      DriftFinding look = watch.look(outcome, recent);
      if (look != null) {
        looks.add(look);
      }
    }
    return looks;
  }

  private static List<DriftFinding> drifted(List<DriftFinding> looks) {
    return looks.stream().filter(DriftFinding::drifted).toList();
  }

  /** Streams on which a detector of some number of each outcome ever calls a change. */
  private static int streamsCalled(int streams, int rows, Law law, ToDoubleFunction<Outcome> of) {
    int called = 0;
    for (int seed = 0; seed < streams; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      AnytimeValid detector = new AnytimeValid(LEVEL);
      boolean ever = false;
      for (int i = 0; i < rows; i++) {
        ever |= detector.update(of.applyAsDouble(law.outcome(i, random))) == DetectorState.DRIFT;
      }
      called += ever ? 1 : 0;
    }
    return called;
  }

  @Test
  void stream_scoresStayRight_isEverCalledChangedWithAtMostTheLevel() {
    int streams = 300;
    int called = streamsCalled(streams, 50 * WINDOW, HONEST, OutcomeStream::excess);
    System.out.printf("outcome stream: %d of %d streams of 50 windows called%n", called, streams);
    double expected = streams * LEVEL;
    assertThat(called).isLessThanOrEqualTo((int) (expected + 3 * Math.sqrt(expected)));
  }

  /** Scores of a click and scores of a coin take turns: rows that differ, and nothing else. */
  @Test
  void excess_otherRowsCome_staysWhereItIsAndErrorsDoNot() {
    Law rows =
        (i, random) -> {
          double score =
              i / 5_000 % 2 == 0 ? Math.pow(random.nextDouble(), 3) : random.nextDouble();
          return outcome(i, score, score, random);
        };
    int excess = streamsCalled(50, 20 * WINDOW, rows, OutcomeStream::excess);
    int squared =
        streamsCalled(
            50, 20 * WINDOW, rows, each -> Math.pow((each.positive() ? 1 : 0) - each.score(), 2));
    int errors =
        streamsCalled(
            50, 20 * WINDOW, rows, each -> (each.score() >= 0.5) == each.positive() ? 0 : 1);
    assertThat(excess).isLessThanOrEqualTo(2);
    assertThat(squared).isEqualTo(50);
    assertThat(errors).isEqualTo(50);
  }

  /** From a row on, labels are what they are whatever the score. */
  private static Law broken(int from, int until) {
    return (i, random) -> {
      double score = random.nextDouble();
      return outcome(i, score, i >= from && i < until ? 0.5 : score, random);
    };
  }

  @Test
  void look_relationBreaks_isToldByTheStreamWithItsNameAndOnset() {
    int change = 5 * WINDOW;
    double spanRows = 0;
    for (int seed = 0; seed < 20; seed++) {
      List<DriftFinding> told =
          drifted(
              looks(
                  seed,
                  change + 3 * WINDOW,
                  new OutcomeStream(DETECTOR, LEVEL),
                  broken(change, Integer.MAX_VALUE)));
      DriftFinding byStream =
          told.stream().filter(each -> each.test().equals(DETECTOR)).findFirst().orElseThrow();
      assertThat(byStream.kind()).isEqualTo(Kind.CONCEPT);
      assertThat(byStream.subject()).isEqualTo("outcome");
      assertThat(byStream.effect()).startsWith("AUC 0.8");
      assertThat(byStream.windowStartMs() / 1_000.0)
          .as("seed %d", seed)
          .isBetween(change - WINDOW / 4.0, change + WINDOW / 4.0);
      DriftFinding.Onset onset = byStream.onset();
      assertThat(onset).isNotNull();
      spanRows += (onset.toMs() - onset.fromMs()) / 1_000.0 / 20;
      assertThat(told.getLast().windowEndMs() / 1_000)
          .as("it lasts until the end")
          .isGreaterThan(change + 3 * WINDOW - WINDOW / 4);
    }
    System.out.printf(Locale.ROOT, "onset of concept drift: %.0f rows wide on average%n", spanRows);
    assertThat(spanRows).isLessThan(WINDOW / 2.0);
  }

  /** Scores that become too timid: certain in the end, and for the better. */
  @Test
  void look_changeForTheBetter_isRecordedAndNoDrift() {
    int change = 5 * WINDOW;
    Law law =
        (i, random) -> {
          double score = random.nextDouble();
          double surer = Math.clamp(score - 0.1 * (1 - 2 * score), 0, 1);
          return outcome(i, score, i < change ? score : surer, random);
        };
    int recorded = 0;
    int told = 0;
    for (int seed = 0; seed < 20; seed++) {
      List<DriftFinding> looks =
          looks(seed, change + 30 * WINDOW, new OutcomeStream(DETECTOR, LEVEL), law);
      recorded +=
          looks.stream().anyMatch(each -> each.test().equals(DETECTOR) && !each.drifted()) ? 1 : 0;
      told += drifted(looks).isEmpty() ? 0 : 1;
    }
    System.out.printf("outcomes change for the better: recorded on %d of 20 streams%n", recorded);
    assertThat(recorded).isGreaterThanOrEqualTo(15);
    assertThat(told).isLessThanOrEqualTo(1);
  }

  /** Scores a little too low: less than the least that is told. */
  @Test
  void look_trifle_isRecordedAndSeldomADrift() {
    int change = 32 * WINDOW;
    Law law =
        (i, random) -> {
          double score = 0.05 + 0.3 * random.nextDouble();
          return outcome(i, score, i < change ? score : score + 0.02, random);
        };
    int recorded = 0;
    int told = 0;
    for (int seed = 0; seed < 20; seed++) {
      List<DriftFinding> looks =
          looks(seed, 2 * change, 4 * WINDOW, new OutcomeStream("adwin", LEVEL), law).stream()
              .filter(each -> each.test().equals("adwin"))
              .toList();
      recorded += looks.stream().anyMatch(each -> !each.drifted()) ? 1 : 0;
      told += drifted(looks).isEmpty() ? 0 : 1;
    }
    System.out.printf("trifle: recorded on %d of 20 streams, told on %d%n", recorded, told);
    assertThat(recorded).isGreaterThan(2 * told).isGreaterThanOrEqualTo(5);
  }

  @Test
  void look_everyDetector_findsABrokenRelationByItsName() {
    int change = 5 * WINDOW;
    Law law =
        (i, random) -> {
          double score = random.nextDouble();
          return outcome(i, score, i < change ? score : 1 - score, random);
        };
    for (String name : Detectors.names()) {
      List<DriftFinding> told =
          drifted(looks(1, change + 2 * WINDOW, new OutcomeStream(name, LEVEL), law));
      assertThat(told).as(name).extracting(DriftFinding::test).contains(name);
    }
  }

  @Test
  void look_qualityComesBack_isNoDriftAnyMore() {
    List<DriftFinding> looks =
        looks(3, 14 * WINDOW, new OutcomeStream(DETECTOR, LEVEL), broken(5 * WINDOW, 8 * WINDOW));
    assertThat(drifted(looks)).isNotEmpty();
    assertThat(looks.subList(looks.size() - 8, looks.size())).noneMatch(DriftFinding::drifted);
  }
}
