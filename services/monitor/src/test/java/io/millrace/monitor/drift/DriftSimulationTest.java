// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.serde.Json;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Seasons, slices, correlations and onsets on seeded streams; each with its control. */
@ExtendWith(RepeatableSketches.class)
final class DriftSimulationTest {
  private static final int ROWS = 2_000;
  private static final double LEVEL = 0.01;
  private static final long HOUR_MS = 3_600_000;
  private static final int SEEDS = 100;

  /** Two numbers with a correlation, and a country of which {@code fi} has 3 % of the rows. */
  private static Map<String, Object> row(
      SplittableRandom random, double correlation, double shift, double shiftInFi) {
    double a = random.nextGaussian();
    double b = correlation * a + Math.sqrt(1 - correlation * correlation) * random.nextGaussian();
    double u = random.nextDouble();
    String country = u < 0.03 ? "fi" : u < 0.5 ? "de" : "fr";
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("event.a", a + shift + (country.equals("fi") ? shiftInFi : 0));
    row.put("event.b", b);
    row.put("event.country", country);
    return row;
  }

  private static ReferenceProfile training(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] a = new double[20_000];
    double[] b = new double[a.length];
    double[] score = new double[a.length];
    String[] country = new String[a.length];
    for (int i = 0; i < a.length; i++) {
      Map<String, Object> row = row(random, 0, 0, 0);
      a[i] = (Double) row.get("event.a");
      b[i] = (Double) row.get("event.b");
      country[i] = (String) row.get("event.country");
      score[i] = random.nextDouble();
    }
    Map<String, ReferenceProfile.Column> inputs = new LinkedHashMap<>();
    inputs.put("event.a", ReferenceProfile.numeric(a));
    inputs.put("event.b", ReferenceProfile.numeric(b));
    inputs.put("event.country", ReferenceProfile.categorical(country));
    ReferenceProfile written =
        new ReferenceProfile(inputs, ReferenceProfile.numeric(score), 0.1, 0.1);
    return Json.mapper()
        .readValue(Json.mapper().writeValueAsBytes(written), ReferenceProfile.class);
  }

  private static final ReferenceProfile TRAINING = training(7);

  private static List<String> drifted(List<DriftFinding> findings) {
    return findings.stream()
        .filter(DriftFinding::drifted)
        .map(DriftFinding::subject)
        .distinct()
        .toList();
  }

  @Test
  void joint_correlationChanges_isFoundByItAndByNoColumn() {
    int found = 0;
    int falseAlarms = 0;
    int byColumns = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      for (double after : new double[] {0, 0.8}) {
        SplittableRandom random = new SplittableRandom(seed);
        JointDrift joint = new JointDrift(TRAINING, ROWS, LEVEL);
        InputWindow columns = new InputWindow(TRAINING, ROWS, LEVEL);
        List<DriftFinding> jointly = new ArrayList<>();
        for (int i = 0; i < 2 * ROWS; i++) {
          Map<String, Object> row = row(random, i < ROWS ? 0 : after, 0, 0);
          jointly.addAll(joint.add(row, i));
          byColumns += drifted(columns.add(row, random.nextDouble(), i)).size();
        }
        boolean alarm = !drifted(jointly).isEmpty();
        found += alarm && after > 0 ? 1 : 0;
        falseAlarms += alarm && after == 0 ? 1 : 0;
        if (alarm && after > 0) {
          assertThat(jointly.getLast().effect()).contains("event.a and event.b");
        }
      }
    }
    System.out.printf(
        "joint drift: %d of %d found, %d of %d false, %d by single columns%n",
        found, SEEDS, falseAlarms, SEEDS, byColumns);
    assertThat(found).isEqualTo(SEEDS);
    assertThat(falseAlarms).isLessThanOrEqualTo(1);
    assertThat(byColumns).isZero();
  }

  @Test
  void slice_changeInThreePercentOfTheRows_isNamedAndInvisibleInAllRows() {
    int found = 0;
    int falseAlarms = 0;
    int byColumns = 0;
    for (int seed = 0; seed < SEEDS / 2; seed++) {
      for (double shift : new double[] {0, 1.5}) {
        SplittableRandom random = new SplittableRandom(1_000 + seed);
        SliceWindows slices = new SliceWindows(TRAINING, List.of("country"), ROWS, LEVEL);
        InputWindow columns = new InputWindow(TRAINING, ROWS, LEVEL);
        List<DriftFinding> sliced = new ArrayList<>();
        for (int i = 0; i < 30 * ROWS; i++) {
          Map<String, Object> row = row(random, 0, 0, i < 10 * ROWS ? 0 : shift);
          double score = random.nextDouble();
          sliced.addAll(slices.add(row, score, i));
          byColumns += drifted(columns.add(row, score, i)).size();
        }
        List<String> named = drifted(sliced);
        found += named.contains("event.a [event.country=fi]") && shift > 0 ? 1 : 0;
        falseAlarms += (named.isEmpty() ? 0 : 1) * (shift == 0 ? 1 : 0);
        falseAlarms +=
            named.stream().anyMatch(each -> !each.equals("event.a [event.country=fi]")) ? 1 : 0;
      }
    }
    System.out.printf(
        "slice drift: %d of %d found, %d of %d streams with a false one, %d by all rows%n",
        found, SEEDS / 2, falseAlarms, SEEDS, byColumns);
    assertThat(found).isEqualTo(SEEDS / 2);
    assertThat(falseAlarms).isLessThanOrEqualTo(1);
    assertThat(byColumns).isZero();
  }

  @Test
  void slice_changeOfAllRows_isNoneOfTheSlice() {
    for (int seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(3_000 + seed);
      SliceWindows slices = new SliceWindows(TRAINING, List.of("country"), ROWS, LEVEL);
      InputWindow columns = new InputWindow(TRAINING, ROWS, LEVEL);
      List<DriftFinding> sliced = new ArrayList<>();
      List<DriftFinding> whole = new ArrayList<>();
      for (int i = 0; i < 20 * ROWS; i++) {
        Map<String, Object> row = row(random, 0, i < 10 * ROWS ? 0 : 1.5, 0);
        double score = random.nextDouble();
        sliced.addAll(slices.add(row, score, i));
        whole.addAll(columns.add(row, score, i));
      }
      assertThat(drifted(whole)).containsExactly("event.a");
      assertThat(sliced).isNotEmpty();
      assertThat(drifted(sliced)).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void slice_ofTwentyRows_saysNothing() {
    SliceWindows slices = new SliceWindows(TRAINING, List.of("country"), ROWS, LEVEL);
    SplittableRandom random = new SplittableRandom(1);
    List<DriftFinding> findings = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Map<String, Object> row = row(random, 0, 0, 0);
      row.put("event.country", "fi");
      row.put("event.a", i < 20 ? 0.0 : 50.0);
      findings.addAll(slices.add(row, 0.5, i));
    }
    assertThat(findings).isEmpty();
  }

  /** Windows of two hours; weekends shift a column that the training rows never saw shifted. */
  private static List<List<DriftFinding>> weeks(long seed, int weeks, int shiftFromWindow) {
    SplittableRandom random = new SplittableRandom(seed);
    int rows = 400;
    InputWindow columns = new InputWindow(TRAINING, rows, LEVEL);
    List<List<DriftFinding>> windows = new ArrayList<>();
    for (int window = 0; window < weeks * 84; window++) {
      boolean weekend = window % 84 >= 60;
      double shift = (weekend ? 1.2 : 0) + (window >= shiftFromWindow ? 2.5 : 0);
      for (int i = 0; i < rows; i++) {
        long atMs = window * 2 * HOUR_MS + i * 2 * HOUR_MS / rows;
        List<DriftFinding> found = columns.add(row(random, 0, shift, 0), random.nextDouble(), atMs);
        if (!found.isEmpty()) {
          windows.add(found);
        }
      }
    }
    return windows;
  }

  @Test
  void season_weekendsThatTrainingNeverSaw_driftOnceAndAreASeasonFromThenOn() {
    for (int seed = 0; seed < 10; seed++) {
      List<List<DriftFinding>> windows = weeks(seed, 8, Integer.MAX_VALUE);
      assertThat(windows).hasSize(8 * 84);
      assertThat(windows.subList(0, 60)).allSatisfy(each -> assertThat(drifted(each)).isEmpty());
      // Nobody can know the first weekend; it is told.
      assertThat(windows.subList(60, 84))
          .allSatisfy(each -> assertThat(drifted(each)).containsExactly("event.a"));
      assertThat(windows.subList(84, windows.size()))
          .allSatisfy(each -> assertThat(drifted(each)).isEmpty());
      assertThat(windows.get(84 + 70).getFirst().effect()).contains("a season: like around");
    }
  }

  @Test
  void season_shiftOnTopOfIt_isFoundAtOnceAndStays() {
    int from = 6 * 84 + 20;
    for (int seed = 0; seed < 5; seed++) {
      List<List<DriftFinding>> windows = weeks(seed, 8, from);
      assertThat(windows.subList(84, from)).allSatisfy(each -> assertThat(drifted(each)).isEmpty());
      assertThat(windows.subList(from, windows.size()))
          .allSatisfy(each -> assertThat(drifted(each)).containsExactly("event.a"));
    }
  }

  @Test
  void onset_suddenChange_isDatedWithinItsTwentiethOfAWindow() {
    for (int seed = 0; seed < SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      InputWindow columns = new InputWindow(TRAINING, ROWS, LEVEL);
      int at = 3 * ROWS + random.nextInt(ROWS / 2);
      List<DriftFinding> last = List.of();
      for (int i = 0; i < 5 * ROWS && drifted(last).isEmpty(); i++) {
        List<DriftFinding> found =
            columns.add(row(random, 0, i < at ? 0 : 2, 0), random.nextDouble(), i * 1_000L);
        last = found.isEmpty() ? last : found;
      }
      DriftFinding drift = last.getFirst();
      assertThat(drift.drifted()).isTrue();
      DriftFinding.Onset onset = drift.onset();
      assertThat(onset).isNotNull();
      assertThat(at * 1_000L).as("seed %d", seed).isBetween(onset.fromMs(), onset.toMs());
      assertThat(onset.toMs() - onset.fromMs()).isLessThanOrEqualTo(ROWS / 10 * 1_000L);
      assertThat(columns.shares("event.a")).isPresent();
    }
  }
}
