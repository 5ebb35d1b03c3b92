// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.distance.CdfDistance;
import io.millrace.stats.distance.Divergence;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The catalogue of drift tests on profiles. {@code auto} is {@link ColumnDrift}. The others each
 * measure one distance; a distance above its threshold is drift only if it is also significant at
 * the given level (chi-squared over the same bins, or Kolmogorov-Smirnov for the distances between
 * distribution functions), so that no small window is called drifted by noise.
 */
public final class DriftTests {
  private static final List<DriftTest> CATALOGUE = build();

  private DriftTests() {}

  /** All tests, {@code auto} first. */
  public static List<DriftTest> catalogue() {
    return CATALOGUE;
  }

  /** The test of a name, if there is one. */
  public static Optional<DriftTest> named(String name) {
    return CATALOGUE.stream().filter(test -> test.name().equals(name)).findFirst();
  }

  private static List<DriftTest> build() {
    List<DriftTest> tests = new ArrayList<>();
    tests.add(new Auto());
    tests.add(new Binned("population_stability_index", Divergence.POPULATION_STABILITY_INDEX));
    tests.add(new Binned("jensen_shannon", Divergence.JENSEN_SHANNON));
    tests.add(new Binned("jensen_shannon_distance", Divergence.JENSEN_SHANNON_DISTANCE));
    tests.add(new Binned("hellinger", Divergence.HELLINGER));
    tests.add(new Binned("kullback_leibler", Divergence.KULLBACK_LEIBLER));
    tests.add(new Binned("total_variation", Divergence.TOTAL_VARIATION));
    tests.add(new Binned("l_infinity", Divergence.L_INFINITY));
    tests.add(new Stepped("kolmogorov_smirnov", CdfDistance.KOLMOGOROV_SMIRNOV));
    tests.add(new Stepped("wasserstein", CdfDistance.WASSERSTEIN_NORMED));
    return List.copyOf(tests);
  }

  private static Optional<DriftVerdict> tooFew(
      String name, long reference, long current, long least) {
    return reference < least || current < least
        ? Optional.of(
            new DriftVerdict.Inconclusive(
                name,
                "windows of %d and %d values, each needs %d".formatted(reference, current, least)))
        : Optional.empty();
  }

  private record Auto() implements DriftTest {
    @Override
    public String name() {
      return "auto";
    }

    @Override
    public boolean appliesTo(ColumnProfile reference, ColumnProfile current) {
      return true;
    }

    @Override
    public double defaultThreshold() {
      return DriftPolicy.DEFAULT.minimumEffect();
    }

    @Override
    public DriftVerdict compare(
        ColumnProfile reference, ColumnProfile current, double falseAlarmLevel) {
      return ColumnDrift.compare(reference, current, falseAlarmLevel);
    }

    @Override
    public DriftVerdict compare(
        ColumnProfile reference, ColumnProfile current, double falseAlarmLevel, double threshold) {
      return ColumnDrift.compare(
          reference, current, falseAlarmLevel, DriftPolicy.DEFAULT.withMinimumEffect(threshold));
    }
  }

  private record Binned(String name, Divergence divergence) implements DriftTest {
    @Override
    public boolean appliesTo(ColumnProfile reference, ColumnProfile current) {
      return Categories.countable(reference) > 0 && Categories.countable(current) > 0;
    }

    @Override
    public double defaultThreshold() {
      return divergence.defaultThreshold();
    }

    @Override
    public DriftVerdict compare(
        ColumnProfile reference, ColumnProfile current, double falseAlarmLevel, double threshold) {
      Optional<DriftVerdict> few =
          tooFew(
              name,
              Categories.countable(reference),
              Categories.countable(current),
              DriftPolicy.DEFAULT.minimumRows());
      return few.orElseGet(
          () ->
              judge(
                  ColumnBins.of(reference, current, DriftPolicy.DEFAULT.bins()),
                  falseAlarmLevel,
                  threshold));
    }

    private DriftVerdict judge(AlignedBins bins, double level, double threshold) {
      double distance = divergence.between(bins);
      double[][] pooled = ChiSquared.pooled(bins.reference(), bins.current());
      double pValue = ChiSquared.twoSample(pooled[0], pooled[1]).pValue();
      return pValue < level && distance >= threshold
          ? new DriftVerdict.Drifted(name, distance, threshold, pValue, distance, threshold)
          : new DriftVerdict.Stable(name, distance, threshold, pValue, distance, threshold);
    }
  }

  private record Stepped(String name, CdfDistance distance) implements DriftTest {
    @Override
    public boolean appliesTo(ColumnProfile reference, ColumnProfile current) {
      return reference.numbers() > 0 && current.numbers() > 0;
    }

    @Override
    public double defaultThreshold() {
      return distance.defaultThreshold();
    }

    @Override
    public DriftVerdict compare(
        ColumnProfile reference, ColumnProfile current, double falseAlarmLevel, double threshold) {
      Optional<DriftVerdict> few =
          tooFew(name, reference.numbers(), current.numbers(), DriftPolicy.DEFAULT.minimumRows());
      return few.orElseGet(() -> judge(reference.cdf(), current.cdf(), falseAlarmLevel, threshold));
    }

    private DriftVerdict judge(
        EmpiricalCdf reference, EmpiricalCdf current, double level, double threshold) {
      KolmogorovSmirnov.Banded found = KolmogorovSmirnov.testWithin(reference, current);
      double effect = distance.between(reference, current);
      double pValue = found.pValue();
      if (effect >= threshold && found.tooCoarse(level)) {
        return new DriftVerdict.Inconclusive(
            name,
            "%s %.4f, but the sketches' rank error %.4f leaves significance open"
                .formatted(name, effect, found.band()));
      }
      return pValue < level && effect >= threshold
          ? new DriftVerdict.Drifted(name, effect, threshold, pValue, effect, threshold)
          : new DriftVerdict.Stable(name, effect, threshold, pValue, effect, threshold);
    }
  }
}
