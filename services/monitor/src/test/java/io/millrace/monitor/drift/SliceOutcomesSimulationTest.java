// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.monitor.performance.Outcome;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Concept drift within slices on seeded streams of outcomes; each with its control. */
@ExtendWith(RepeatableSketches.class)
final class SliceOutcomesSimulationTest {
  private static final int ROWS = 2_000;
  private static final int CHANGE = 10 * ROWS;
  private static final int END = 40 * ROWS;
  private static final double LEVEL = 0.01;
  private static final int SEEDS = 50;

  /**
   * A stream: calibrated scores, as of clicks (few are likely), until the change.
   *
   * @param slices how many; the first has 3 % of the rows, the others share the rest
   * @param truth score → probability of a positive in the slice after the change
   * @param elsewhere the same in all others
   * @param scores what becomes of the scores in the slice after the change
   */
  private record Stream(
      int slices,
      DoubleUnaryOperator truth,
      DoubleUnaryOperator elsewhere,
      DoubleUnaryOperator scores) {

    private List<DriftFinding> told(long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      SliceOutcomes watched = new SliceOutcomes(List.of("country"), ROWS, LEVEL);
      List<DriftFinding> told = new ArrayList<>();
      for (int i = 0; i < END; i++) {
        int slice = random.nextDouble() < 0.03 ? 0 : 1 + random.nextInt(slices - 1);
        double score = Math.pow(random.nextDouble(), 3);
        boolean changed = i >= CHANGE;
        if (changed && slice == 0) {
          score = scores.applyAsDouble(score);
        }
        DoubleUnaryOperator truly =
            changed ? (slice == 0 ? truth : elsewhere) : DoubleUnaryOperator.identity();
        boolean positive = random.nextDouble() < truly.applyAsDouble(score);
        watched
            .add(Map.of("event.country", "c" + slice), new Outcome("p" + i, score, positive, i))
            .stream()
            .filter(DriftFinding::drifted)
            .forEach(told::add);
      }
      return told;
    }
  }

  private static final DoubleUnaryOperator SAME = DoubleUnaryOperator.identity();
  private static final DoubleUnaryOperator UPSIDE_DOWN = score -> 1 - score;
  private static final DoubleUnaryOperator HALF = score -> score / 2;

  private static List<String> subjects(List<DriftFinding> told) {
    return List.copyOf(
        new TreeSet<>(told.stream().map(each -> each.kind() + " " + each.subject()).toList()));
  }

  private static int streamsWith(Stream stream, String subject) {
    int found = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      found += subjects(stream.told(seed)).contains(subject) ? 1 : 0;
    }
    return found;
  }

  private static final String CONCEPT = "CONCEPT outcome [event.country=c0]";
  private static final String LABEL = "LABEL label [event.country=c0]";

  @Test
  void add_relationOfOneSliceChanges_isFoundThereAndNowhereElse() {
    int strangers = 0;
    int early = 0;
    int found = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      List<DriftFinding> told = new Stream(10, UPSIDE_DOWN, SAME, SAME).told(seed);
      found += subjects(told).contains(CONCEPT) ? 1 : 0;
      strangers +=
          told.stream().anyMatch(each -> !each.subject().endsWith("[event.country=c0]")) ? 1 : 0;
      early += told.stream().anyMatch(each -> each.windowEndMs() < CHANGE) ? 1 : 0;
    }
    int halved = streamsWith(new Stream(10, HALF, SAME, SAME), CONCEPT);
    System.out.printf(
        "slice concept drift: %d of %d found upside down, %d with half the positives,"
            + " %d streams told of another slice, %d before the change%n",
        found, SEEDS, halved, strangers, early);
    assertThat(found).isEqualTo(SEEDS);
    assertThat(halved).isGreaterThanOrEqualTo(SEEDS * 9 / 10);
    assertThat(strangers + early).isLessThanOrEqualTo(1);
  }

  @Test
  void add_nothingChanges_isSilentWithManySlices() {
    int alarms = 0;
    int looks = 0;
    for (int seed = 0; seed < 2 * SEEDS; seed++) {
      List<DriftFinding> told = new Stream(45, SAME, SAME, SAME).told(1_000 + seed);
      alarms += told.isEmpty() ? 0 : 1;
      looks += END / ROWS;
    }
    System.out.printf(
        "slice concept drift: %d of %d streams of 45 slices with a false one, in %d windows%n",
        alarms, 2 * SEEDS, looks);
    // The level is the probability per window of all rows; two looks running make it far rarer.
    assertThat(alarms).isLessThanOrEqualTo(2);
  }

  @Test
  void add_everythingChanges_isNoneOfASlice() {
    int alarms = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      alarms += new Stream(10, UPSIDE_DOWN, UPSIDE_DOWN, SAME).told(2_000 + seed).isEmpty() ? 0 : 1;
      alarms += new Stream(10, HALF, HALF, SAME).told(3_000 + seed).isEmpty() ? 0 : 1;
    }
    System.out.printf(
        "slice concept drift: %d of %d streams with a change of all rows%n", alarms, 2 * SEEDS);
    assertThat(alarms).isLessThanOrEqualTo(1);
  }

  @Test
  void add_onlyInputsOfTheSliceChange_isItsLabelsDriftAndNoConceptDrift() {
    // Other rows come, of higher scores, and the scores are right about them.
    Stream stream = new Stream(10, SAME, SAME, score -> 0.5 + score / 2);
    int labels = 0;
    int concepts = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      List<String> told = subjects(stream.told(4_000 + seed));
      labels += told.contains(LABEL) ? 1 : 0;
      concepts += told.contains(CONCEPT) ? 1 : 0;
    }
    System.out.printf(
        "slice label drift: %d of %d found, %d called concept drift%n", labels, SEEDS, concepts);
    assertThat(labels).isEqualTo(SEEDS);
    assertThat(concepts).isLessThanOrEqualTo(1);
  }

  @Test
  void add_moreSlicesThanAreWatched_watchesTheFirst() {
    SliceOutcomes watched = new SliceOutcomes(List.of("country"), ROWS, LEVEL);
    List<DriftFinding> findings = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 200_000; i++) {
      String country = "c" + i % 100;
      double score = random.nextDouble();
      findings.addAll(
          watched.add(
              Map.of("event.country", country),
              new Outcome("p" + i, score, random.nextDouble() < score, i)));
    }
    assertThat(findings.stream().map(DriftFinding::subject).distinct().toList())
        .hasSize(2 * SliceWindows.MOST_SLICES)
        .noneMatch(each -> each.endsWith("=c50]"));
    assertThat(findings).extracting(DriftFinding::kind).contains(Kind.CONCEPT, Kind.LABEL);
    assertThat(watched.add(Map.of(), new Outcome("p", 0.5, true, 1))).isEmpty();
  }
}
