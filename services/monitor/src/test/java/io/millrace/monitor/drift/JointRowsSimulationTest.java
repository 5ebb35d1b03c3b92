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
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Changes that no column and no correlation of ranks shows, on seeded streams with controls. */
@ExtendWith(RepeatableSketches.class)
final class JointRowsSimulationTest {
  private static final int ROWS = 2_000;
  private static final double LEVEL = 0.01;
  private static final int SEEDS = 50;
  private static final int TRAINED = 20_000;
  private static final List<String> INPUTS =
      List.of("event.a", "event.b", "event.c", "event.d", "event.e");

  /** How five uniform numbers go together. */
  private enum Together {
    INDEPENDENT,
    /** b is how far a is from its middle, in seven of ten rows. */
    RING,
    /** The signs of a, b and c about their middles multiply to +1, in nine of ten rows. */
    PARITY
  }

  private static double[] numbers(SplittableRandom random, Together together) {
    double[] row = random.doubles(INPUTS.size()).toArray();
    boolean tied = random.nextDouble() < (together == Together.RING ? 0.7 : 0.9);
    switch (together) {
      case INDEPENDENT -> {}
      case RING -> row[1] = tied ? Math.abs(2 * row[0] - 1) : row[1];
      case PARITY -> {
        boolean positive = (row[0] - 0.5) * (row[1] - 0.5) * (row[2] - 0.5) > 0;
        row[2] = positive == tied ? row[2] : 1 - row[2];
      }
    }
    return row;
  }

  /** Of each input by its own law: what a column looks like must not matter. */
  private static Map<String, Object> row(double[] numbers, double shift) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("event.a", numbers[0] + shift);
    row.put("event.b", Math.exp(3 * numbers[1]));
    row.put("event.c", -1 / (0.1 + numbers[2]));
    row.put("event.d", numbers[3] < 0.1 ? null : (Object) numbers[3]);
    row.put("event.e", "e" + (int) (numbers[4] * 8));
    return row;
  }

  private static ReferenceProfile training(long seed, boolean sampled) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < TRAINED; i++) {
      rows.add(row(numbers(random, Together.INDEPENDENT), 0));
    }
    Map<String, ReferenceProfile.Column> inputs = new LinkedHashMap<>();
    Map<String, List<Integer>> bins = new LinkedHashMap<>();
    for (String input : INPUTS) {
      if (input.equals("event.e")) {
        String[] texts = rows.stream().map(each -> (String) each.get(input)).toArray(String[]::new);
        inputs.put(input, ReferenceProfile.categorical(texts));
        bins.put(input, ReferenceProfile.sampled(inputs.get(input), texts));
      } else {
        double[] values =
            rows.stream()
                .mapToDouble(
                    each -> each.get(input) instanceof Number n ? n.doubleValue() : Double.NaN)
                .toArray();
        inputs.put(input, ReferenceProfile.numeric(values));
        bins.put(input, ReferenceProfile.sampled(inputs.get(input), values));
      }
    }
    ReferenceProfile written =
        new ReferenceProfile(
            inputs,
            ReferenceProfile.numeric(new double[] {0.1, 0.2}),
            0.1,
            0.1,
            sampled ? new ReferenceProfile.Sample(bins) : null);
    return Json.mapper()
        .readValue(Json.mapper().writeValueAsBytes(written), ReferenceProfile.class);
  }

  private static final ReferenceProfile TRAINING = training(7, true);

  private record Found(List<DriftFinding> rows, int byColumns, int byCorrelations) {
    private boolean drifted() {
      return rows.stream().anyMatch(DriftFinding::drifted);
    }
  }

  /** Windows as in training, then as many otherwise. */
  private static Found stream(long seed, int windows, Together then, double shift) {
    SplittableRandom random = new SplittableRandom(seed);
    JointRows joint = new JointRows(TRAINING, ROWS, LEVEL);
    JointDrift correlations = new JointDrift(TRAINING, ROWS, LEVEL);
    InputWindow columns = new InputWindow(TRAINING, ROWS, LEVEL);
    List<DriftFinding> found = new ArrayList<>();
    int byColumns = 0;
    int byCorrelations = 0;
    for (int i = 0; i < 2 * windows * ROWS; i++) {
      boolean changed = i >= windows * ROWS;
      Map<String, Object> row =
          row(numbers(random, changed ? then : Together.INDEPENDENT), changed ? shift : 0);
      joint.add(row, i).map(JointRows.Look::find).ifPresent(found::add);
      byColumns += count(columns.add(row, 0.15, i), "prediction");
      byCorrelations += count(correlations.add(row, i), "");
    }
    return new Found(found, byColumns, byCorrelations);
  }

  private static int count(List<DriftFinding> findings, String but) {
    return (int)
        findings.stream().filter(each -> each.drifted() && !each.subject().equals(but)).count();
  }

  @Test
  void add_inputsGoTogetherOtherwise_isFoundByItAlone() {
    for (Together then : List.of(Together.RING, Together.PARITY)) {
      int found = 0;
      int others = 0;
      int named = 0;
      Map<String, Integer> tests = new TreeMap<>();
      for (int seed = 0; seed < SEEDS; seed++) {
        Found stream = stream(seed, 1, then, 0);
        found += stream.drifted() ? 1 : 0;
        tests.merge(stream.rows().getLast().test(), 1, Integer::sum);
        others += stream.byColumns() + stream.byCorrelations();
        List<String> inputs = INPUTS.subList(0, then == Together.RING ? 2 : 3);
        named +=
            inputs.stream().allMatch(stream.rows().getLast().effect()::contains)
                    && !stream.rows().getLast().effect().contains("event.d")
                ? 1
                : 0;
      }
      System.out.printf(
          "joint rows: %s found on %d of %d by %s, its inputs named on %d; %d by others%n",
          then, found, SEEDS, tests, named, others);
      assertThat(found).as("%s", then).isGreaterThanOrEqualTo(SEEDS - 1);
      assertThat(others).isZero();
      assertThat(named).isGreaterThanOrEqualTo(SEEDS * 9 / 10);
    }
  }

  @Test
  void add_nothingChanges_isSilent() {
    int alarms = 0;
    int windows = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Found stream = stream(1_000 + seed, 3, Together.INDEPENDENT, 0);
      alarms += stream.drifted() ? 1 : 0;
      windows += stream.rows().size();
    }
    System.out.printf("joint rows: %d of %d streams false, %d windows%n", alarms, SEEDS, windows);
    assertThat(windows).isEqualTo(SEEDS * 6);
    assertThat(alarms).isLessThanOrEqualTo(1);
  }

  @Test
  void add_oneColumnMovesAlone_isNoneOfItsBusiness() {
    int alarms = 0;
    int byColumns = 0;
    for (int seed = 0; seed < SEEDS / 2; seed++) {
      Found stream = stream(2_000 + seed, 1, Together.INDEPENDENT, 0.4);
      alarms += stream.drifted() ? 1 : 0;
      byColumns += stream.byColumns() > 0 ? 1 : 0;
    }
    assertThat(byColumns).isEqualTo(SEEDS / 2);
    assertThat(alarms).isLessThanOrEqualTo(1);
  }

  @Test
  void add_noSampleInThePackage_saysNothing() {
    JointRows joint = new JointRows(training(3, false), ROWS, LEVEL);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < ROWS; i++) {
      assertThat(joint.add(row(numbers(random, Together.RING), 0), i)).isEmpty();
    }
  }
}
