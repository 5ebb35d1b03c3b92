// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.monitor.performance.Outcome;
import io.millrace.monitor.performance.RecentOutcomes;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Every detector on streams that follow the hour or the weekday, and change for good at a known
 * time. Windows do not divide the day.
 */
@ExtendWith(RepeatableSketches.class)
final class SeasonSimulationTest {
  private static final int WINDOW = 1_000;
  private static final double LEVEL = 0.01;
  private static final long DAY_MS = 86_400_000;

  /** A detector with its stream: takes one row. */
  @FunctionalInterface
  private interface Watched {
    /**
     * @param day time since the beginning, in days
     */
    List<DriftFinding> add(SplittableRandom random, double day, boolean changed);
  }

  /**
   * @param rowsADay so that windows and days have no common measure
   * @param known day from which on the season can be known
   * @param change day of the lasting change
   * @param end of the stream, a day
   */
  private record Stream(int rowsADay, double known, double change, double end) {
    private Found run(long seed, Watched watched, String subject) {
      SplittableRandom random = new SplittableRandom(seed);
      Found found = new Found(subject);
      for (int i = 0; i < end * rowsADay; i++) {
        double day = (double) i / rowsADay;
        for (DriftFinding each : watched.add(random, day, day >= change)) {
          found.take(each, day, this);
        }
      }
      return found;
    }

    private static long ms(double day) {
      return (long) (day * DAY_MS);
    }
  }

  private static final class Found {
    private final String subject;
    private int firstTimes;
    private int looks;
    private int inSeason;
    private final List<DriftFinding> falseOnes = new ArrayList<>();
    private final List<DriftFinding> afterChange = new ArrayList<>();
    private double delayDays = Double.POSITIVE_INFINITY;

    private Found(String subject) {
      this.subject = subject;
    }

    private void take(DriftFinding finding, double day, Stream stream) {
      boolean watched = finding.subject().equals(subject);
      if (day < stream.known()) {
        firstTimes += finding.drifted() ? 1 : 0;
      } else if (day < stream.change()) {
        looks += watched ? 1 : 0;
        inSeason += finding.effect().contains("a season: like around") ? 1 : 0;
        if (finding.drifted()) {
          falseOnes.add(finding);
        }
      } else if (finding.drifted()) {
        delayDays = Math.min(delayDays, day - stream.change());
        afterChange.add(finding);
      }
    }
  }

  /** What holds of every detector; its streams are counted, printed and judged alike. */
  private static List<DriftFinding> holds(
      String name,
      String subject,
      Stream stream,
      int seeds,
      Supplier<Watched> watched,
      double delayDaysMost) {
    int looks = 0;
    int inSeason = 0;
    int falseOnes = 0;
    double delay = 0;
    Map<String, Integer> falseWords = new TreeMap<>();
    List<DriftFinding> told = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      Found found = stream.run(seed, watched.get(), subject);
      assertThat(found.firstTimes).as("a season's first time, seed %d", seed).isPositive();
      assertThat(found.inSeason)
          .as("without the rule each of these is told, seed %d", seed)
          .isGreaterThan((int) (2 * LEVEL * found.looks));
      assertThat(found.delayDays).as("seed %d", seed).isLessThanOrEqualTo(delayDaysMost);
      looks += found.looks;
      inSeason += found.inSeason;
      falseOnes += found.falseOnes.size();
      for (DriftFinding each : found.falseOnes) {
        falseWords.merge(each.subject() + " by " + each.test(), 1, Integer::sum);
      }
      delay = Math.max(delay, found.delayDays);
      told.addAll(found.afterChange);
    }
    System.out.printf(
        Locale.ROOT,
        "season, %s: %d of %d looks told, %d in season; the change after %.2f days at most%n",
        name,
        falseOnes,
        looks,
        inSeason,
        delay);
    assertThat(falseOnes).as("%s", falseWords).isLessThanOrEqualTo((int) (LEVEL * looks));
    return told;
  }

  /** From 0 at midnight to 1 at noon. */
  private static double light(double day) {
    return (1 - Math.cos(2 * Math.PI * day)) / 2;
  }

  private static boolean night(double day) {
    return day % 1 >= 0.7;
  }

  private static boolean weekend(double day) {
    return day % 7 >= 5;
  }

  private static Watched labels(boolean weekly) {
    LabelShare share = new LabelShare(WINDOW, LEVEL);
    return (random, day, changed) -> {
      double usual = weekly ? (weekend(day) ? 0.3 : 0.15) : 0.12 + 0.12 * light(day);
      boolean positive = random.nextDouble() < (changed ? 1.8 : 1) * usual;
      DriftFinding finding = share.add(new Outcome("p", 0.2, positive, Stream.ms(day)));
      return finding == null ? List.of() : List.of(finding);
    };
  }

  @Test
  void labelShare_followsTheHour_isASeasonAndAChangeIsTold() {
    List<DriftFinding> told =
        holds(
            "share of positives by the hour",
            "label",
            new Stream(10_300, 2, 21, 23),
            10,
            () -> labels(false),
            0.5);
    assertThat(told).allMatch(each -> each.effect().startsWith("positive share 0.1"));
  }

  @Test
  void labelShare_followsTheWeekday_isASeasonAndAChangeIsTold() {
    List<DriftFinding> told =
        holds(
            "share of positives by the weekday",
            "label",
            new Stream(7_300, 7, 36, 39),
            10,
            () -> labels(true),
            1.5);
    assertThat(told).allMatch(each -> each.subject().equals("label"));
  }

  /**
   * @param usual how little scores know by the time of day, from 0 to 1
   */
  private static Watched quality(@Nullable OutcomeStream stream, DoubleUnaryOperator usual) {
    RecentOutcomes recent = new RecentOutcomes(4 * WINDOW);
    ConceptWatch concept = new ConceptWatch(WINDOW, LEVEL, stream);
    return (random, day, changed) -> {
      double score = 0.02 + 0.9 * random.nextDouble() * random.nextDouble();
      double blur = Math.min(1, usual.applyAsDouble(day) + (changed ? 0.5 : 0));
      double truth = (1 - blur) * score + blur * 0.245;
      Outcome outcome = new Outcome("p", score, random.nextDouble() < truth, Stream.ms(day));
      recent.add(outcome);
      DriftFinding finding = concept.look(outcome, recent);
      return finding == null ? List.of() : List.of(finding);
    };
  }

  @Test
  void conceptDrift_qualityFollowsTheHour_isASeasonAndAChangeIsTold() {
    List<DriftFinding> told =
        holds(
            "quality by the hour",
            "outcome",
            new Stream(10_300, 2, 14, 15),
            5,
            () -> quality(null, day -> 0.5 * light(day)),
            0.25);
    assertThat(told).allMatch(each -> each.subject().equals("outcome"));
    assertThat(told).allMatch(each -> each.effect().contains("AUC 0."));
  }

  @Test
  void conceptWatch_qualityFollowsTheHour_isASeasonOfTheStreamTooAndAChangeIsTold() {
    List<DriftFinding> told =
        holds(
            "quality by night, by the stream too",
            "outcome",
            new Stream(10_300, 2, 14, 15),
            5,
            () -> quality(new OutcomeStream("anytime_valid", LEVEL), day -> night(day) ? 0.8 : 0),
            0.25);
    assertThat(told).allMatch(each -> each.subject().equals("outcome"));
  }

  private static Map<String, Object> row(
      SplittableRandom random, double correlation, double shiftInFi) {
    double a = random.nextGaussian();
    double b = correlation * a + Math.sqrt(1 - correlation * correlation) * random.nextGaussian();
    double u = random.nextDouble();
    String country = u < 0.2 ? "fi" : u < 0.5 ? "de" : "fr";
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("event.a", a + (country.equals("fi") ? shiftInFi : 0));
    row.put("event.b", b);
    row.put("event.country", country);
    return row;
  }

  private static ReferenceProfile training() {
    SplittableRandom random = new SplittableRandom(7);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      rows.add(row(random, 0, 0));
    }
    Map<String, ReferenceProfile.Column> inputs = new LinkedHashMap<>();
    Map<String, List<Integer>> bins = new LinkedHashMap<>();
    for (String number : List.of("event.a", "event.b")) {
      double[] values = rows.stream().mapToDouble(each -> (Double) each.get(number)).toArray();
      inputs.put(number, ReferenceProfile.numeric(values));
      bins.put(number, ReferenceProfile.sampled(inputs.get(number), values));
    }
    String[] countries =
        rows.stream().map(each -> (String) each.get("event.country")).toArray(String[]::new);
    inputs.put("event.country", ReferenceProfile.categorical(countries));
    bins.put("event.country", ReferenceProfile.sampled(inputs.get("event.country"), countries));
    return new ReferenceProfile(
        inputs,
        ReferenceProfile.numeric(random.doubles(20_000).toArray()),
        0.1,
        0.1,
        new ReferenceProfile.Sample(bins));
  }

  private static final ReferenceProfile TRAINING = training();

  private static Watched correlations() {
    JointDrift joint = new JointDrift(TRAINING, WINDOW, LEVEL);
    return (random, day, changed) ->
        joint.add(row(random, 0.5 * light(day) + (changed ? 0.4 : 0), 0), Stream.ms(day));
  }

  @Test
  void jointDrift_correlationFollowsTheHour_isASeasonAndAChangeIsTold() {
    List<DriftFinding> told =
        holds(
            "correlation by the hour",
            "joint",
            new Stream(10_300, 2, 12, 13),
            10,
            SeasonSimulationTest::correlations,
            0.5);
    assertThat(told).allMatch(each -> each.effect().contains("event.a and event.b"));
  }

  /** At night, and from the change on always, b is how far a is from its middle. */
  private static Watched jointRows() {
    JointRows joint = new JointRows(TRAINING, WINDOW, LEVEL);
    return (random, day, changed) -> {
      Map<String, Object> row = row(random, 0, 0);
      if ((night(day) || changed) && random.nextDouble() < 0.7) {
        row.put("event.b", 2 * Math.abs((Double) row.get("event.a")) - 1.6);
      }
      return joint.add(row, Stream.ms(day)).map(JointRows.Look::find).stream().toList();
    };
  }

  @Test
  void jointRows_inputsGoTogetherByTheHour_isASeasonAndAChangeIsTold() {
    List<DriftFinding> told =
        holds(
            "rows by the hour",
            "joint rows",
            new Stream(10_300, 1, 6.2, 7),
            3,
            SeasonSimulationTest::jointRows,
            0.5);
    assertThat(told).allMatch(each -> each.subject().equals("joint rows"));
    assertThat(told).allMatch(each -> each.effect().contains("event.a"));
  }

  private static Watched slices() {
    SliceWindows slices = new SliceWindows(TRAINING, List.of("country"), WINDOW, LEVEL);
    return (random, day, changed) ->
        slices.add(
            row(random, 0, (night(day) ? 1.2 : 0) + (changed ? 1.5 : 0)),
            random.nextDouble(),
            Stream.ms(day));
  }

  @Test
  void sliceWindows_inputOfASliceFollowsTheHour_isASeasonAndAChangeIsTold() {
    List<DriftFinding> told =
        holds(
            "input of a slice by the hour",
            "event.a [event.country=fi]",
            new Stream(10_300, 2, 14, 16),
            10,
            SeasonSimulationTest::slices,
            0.75);
    assertThat(told).allMatch(each -> each.subject().equals("event.a [event.country=fi]"));
  }

  /**
   * At night the slice has half the positives its scores say, and twice as many after the change.
   */
  private static Watched sliceOutcomes() {
    SliceOutcomes slices = new SliceOutcomes(List.of("country"), WINDOW, LEVEL);
    return (random, day, changed) -> {
      boolean fi = random.nextDouble() < 0.2;
      double score = 0.5 * random.nextDouble();
      double truth = fi ? (changed ? 1.9 : night(day) ? 0.4 : 1) * score : score;
      return slices.add(
          Map.of("event.country", fi ? "fi" : "de"),
          new Outcome("p", score, random.nextDouble() < truth, Stream.ms(day)));
    };
  }

  @Test
  void sliceOutcomes_qualityOfASliceFollowsTheHour_isASeasonAndAChangeIsTold() {
    List<DriftFinding> told =
        holds(
            "quality of a slice by the hour",
            "outcome [event.country=fi]",
            new Stream(10_300, 2, 21, 23),
            10,
            SeasonSimulationTest::sliceOutcomes,
            0.75);
    assertThat(told).allMatch(each -> each.subject().endsWith("[event.country=fi]"));
    assertThat(told).anyMatch(each -> each.subject().startsWith("outcome"));
  }
}
