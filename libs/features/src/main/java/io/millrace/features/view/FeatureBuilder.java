// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Picks a checked feature's partials and its finaliser. One use. */
final class FeatureBuilder {
  private static final double MILLIS_PER_SECOND = 1000.0;

  /** Candidates kept per category asked for, so that the frequent ones are counted well. */
  private static final int CANDIDATES = 8;

  private static final int MIN_CANDIDATES = 64;

  /** Values that an approximate distinct count holds before it begins to estimate. */
  private static final int APPROXIMATE_BOUND = 100;

  private final FeatureContext feature;
  private final int condition;
  private FeatureKind kind = FeatureKind.NUMBER;

  FeatureBuilder(FeatureContext feature) {
    this.feature = feature;
    this.condition = feature.condition;
  }

  FeatureKind kind() {
    return feature.isSplit() ? FeatureKind.MAP : kind;
  }

  Finaliser build() {
    return feature.split(finaliser());
  }

  /** Whether the value of the same tiles differs from moment to moment. */
  boolean readsMoment() {
    return switch (feature.aggregate) {
      case TIME_SINCE_FIRST, TIME_SINCE_LAST, DECAYED_SUM, DECAYED_COUNT -> true;
      case RATE -> feature.sliding() == null;
      default -> false;
    };
  }

  private Finaliser finaliser() {
    return switch (feature.aggregate) {
      case COUNT -> count();
      case SUM -> sum();
      case MEAN -> mean();
      case MIN, MAX -> extreme();
      case VARIANCE, STD, SKEWNESS, KURTOSIS -> moments();
      case FIRST, LAST -> edge();
      case TIME_SINCE_FIRST, TIME_SINCE_LAST -> timeSince();
      case COUNT_DISTINCT -> distinct(feature.n());
      case APPROX_COUNT_DISTINCT -> distinct(APPROXIMATE_BOUND);
      case QUANTILE, MEDIAN -> quantile();
      case RATE -> rate();
      case RATIO -> ratio();
      case FIRST_N, LAST_N -> timedList();
      case TOP_N, BOTTOM_N -> rankedList();
      case MOST_FREQUENT -> mostFrequent();
      case HISTOGRAM -> histogram();
      case ENTROPY -> entropy();
      case DECAYED_SUM, DECAYED_MEAN, DECAYED_COUNT -> decayed();
      case STREAK -> streak();
    };
  }

  /** What count, rate and decayed_count count. */
  private CountPartial.Of counted() {
    if (feature.of == null) {
      return CountPartial.Of.EVENTS;
    }
    return feature.isObject() ? CountPartial.Of.OBJECTS : CountPartial.Of.NUMBERS;
  }

  private int countedInput() {
    return switch (counted()) {
      case EVENTS -> -1;
      case OBJECTS -> feature.objectInput();
      default -> feature.numberInput();
    };
  }

  private CountPartial countPartial() {
    return feature.share(new CountPartial(counted(), condition, countedInput()));
  }

  private Finaliser count() {
    return ofCells(Finaliser.OfCells.Kind.COUNT, countPartial(), null);
  }

  private Finaliser sum() {
    SumPartial sum = feature.share(new SumPartial(condition, feature.numberInput()));
    return ofCells(Finaliser.OfCells.Kind.SUM, sum, null);
  }

  private static Finaliser ofCells(
      Finaliser.OfCells.Kind kind, Partial first, @Nullable Partial second) {
    return new Finaliser.OfCells(
        kind, first.cellOffset(), second == null ? -1 : second.cellOffset());
  }

  private Finaliser mean() {
    int input = feature.numberInput();
    SumPartial sum = feature.share(new SumPartial(condition, input));
    CountPartial count = feature.share(new CountPartial(CountPartial.Of.NUMBERS, condition, input));
    return ofCells(Finaliser.OfCells.Kind.MEAN, sum, count);
  }

  private Finaliser extreme() {
    boolean greatest = feature.aggregate == Aggregate.MAX;
    ExtremePartial extreme =
        feature.share(new ExtremePartial(greatest, condition, feature.numberInput()));
    return ofCells(Finaliser.OfCells.Kind.EXTREME, extreme, null);
  }

  private Finaliser moments() {
    Aggregate aggregate = feature.aggregate;
    boolean higher = aggregate == Aggregate.SKEWNESS || aggregate == Aggregate.KURTOSIS;
    MomentsPartial moments =
        feature.share(new MomentsPartial(higher, condition, feature.numberInput()));
    return switch (aggregate) {
      case VARIANCE -> Finaliser.numeric((t, slot, asOf) -> moments.variance(t, slot));
      case STD -> Finaliser.numeric((t, slot, asOf) -> Math.sqrt(moments.variance(t, slot)));
      case SKEWNESS -> Finaliser.numeric((t, slot, asOf) -> moments.skewness(t, slot));
      default -> Finaliser.numeric((t, slot, asOf) -> moments.kurtosis(t, slot));
    };
  }

  private Finaliser edge() {
    boolean last = feature.aggregate == Aggregate.LAST;
    if (feature.isObject()) {
      kind = FeatureKind.STRING;
      EdgePartial edge = feature.share(feature.edge(last));
      return Finaliser.other((tiles, slot, asOf) -> text(edge.object(tiles, slot)));
    }
    EdgePartial edge = feature.share(feature.edge(last));
    return Finaliser.numeric((tiles, slot, asOf) -> edge.number(tiles, slot));
  }

  private static @Nullable String text(@Nullable Object object) {
    return object == null ? null : object.toString();
  }

  private Finaliser timeSince() {
    boolean last = feature.aggregate == Aggregate.TIME_SINCE_LAST;
    EdgePartial edge = feature.share(feature.edge(last));
    return Finaliser.numeric(
        (tiles, slot, asOf) ->
            edge.isEmpty(tiles, slot)
                ? Double.NaN
                : Math.max(0, asOf - edge.timeMs(tiles, slot)) / MILLIS_PER_SECOND);
  }

  private Finaliser distinct(int bound) {
    if (feature.window instanceof Window.Sliding && !feature.isSplit()) {
      SlidingDistinctPartial distinct =
          feature.share(new SlidingDistinctPartial(bound, condition, feature.objectInput()));
      return Finaliser.numeric((tiles, slot, asOf) -> distinct.count(tiles, slot));
    }
    DistinctPartial distinct =
        feature.share(new DistinctPartial(bound, condition, feature.objectInput()));
    return Finaliser.numeric((tiles, slot, asOf) -> distinct.count(tiles, slot));
  }

  private Finaliser quantile() {
    QuantilePartial quantile = feature.share(new QuantilePartial(condition, feature.numberInput()));
    double q = feature.q();
    return Finaliser.numeric((tiles, slot, asOf) -> quantile.quantile(tiles, slot, q));
  }

  private Finaliser rate() {
    CountPartial count = countPartial();
    Window.Sliding sliding = feature.sliding();
    if (sliding != null) {
      double seconds = sliding.lengthMs() / MILLIS_PER_SECOND;
      return Finaliser.numeric((tiles, slot, asOf) -> (double) count.count(tiles, slot) / seconds);
    }
    EdgePartial first = feature.share(new EdgePartial(false, EdgePartial.Of.TIME, condition, -1));
    return Finaliser.numeric(
        (tiles, slot, asOf) -> {
          long elapsed = first.isEmpty(tiles, slot) ? 0 : asOf - first.timeMs(tiles, slot);
          return elapsed <= 0
              ? Double.NaN
              : (double) count.count(tiles, slot) / (elapsed / MILLIS_PER_SECOND);
        });
  }

  private Finaliser ratio() {
    int input = feature.truthInput();
    CountPartial yes = feature.share(new CountPartial(CountPartial.Of.TRUE, condition, input));
    CountPartial all = feature.share(new CountPartial(CountPartial.Of.NUMBERS, condition, input));
    return Finaliser.numeric(
        (tiles, slot, asOf) -> (double) yes.count(tiles, slot) / (double) all.count(tiles, slot));
  }

  private Finaliser timedList() {
    kind = FeatureKind.LIST;
    boolean last = feature.aggregate == Aggregate.LAST_N;
    boolean texts = feature.isObject();
    TimedList.Of list =
        feature.share(new TimedList.Of(last, feature.n(), texts, condition, feature.objectInput()));
    return Finaliser.other(
        (tiles, slot, asOf) -> {
          TimedList found = list.summary(tiles, slot);
          return found == null
              ? null
              : found.ordered().stream()
                  .map(value -> texts ? value.toString() : number(value))
                  .toList();
        });
  }

  private static Object number(Object value) {
    return switch (value) {
      case Boolean truth -> (Object) (truth ? 1.0 : 0.0);
      case Number number -> (Object) number.doubleValue();
      default -> throw new IllegalStateException("not a number: " + value.getClass());
    };
  }

  private Finaliser rankedList() {
    kind = FeatureKind.LIST;
    boolean greatest = feature.aggregate == Aggregate.TOP_N;
    RankedList.Of list =
        feature.share(new RankedList.Of(greatest, feature.n(), condition, feature.numberInput()));
    return Finaliser.other(
        (tiles, slot, asOf) -> {
          RankedList found = list.summary(tiles, slot);
          return found == null ? null : found.ordered();
        });
  }

  private Finaliser mostFrequent() {
    int n = feature.n();
    int candidates = Math.max(MIN_CANDIDATES, n * CANDIDATES);
    CategoryCounts.Of counts =
        feature.share(new CategoryCounts.Of(candidates, true, condition, feature.objectInput()));
    kind = n == 1 ? FeatureKind.STRING : FeatureKind.LIST;
    return Finaliser.other(
        (tiles, slot, asOf) -> {
          CategoryCounts found = counts.summary(tiles, slot);
          List<String> frequent = found == null ? List.of() : found.mostFrequent(n);
          return frequent.isEmpty() ? null : n == 1 ? frequent.getFirst() : frequent;
        });
  }

  private CategoryCounts.Of categoryCounts() {
    return feature.share(
        new CategoryCounts.Of(feature.n(), false, condition, feature.objectInput()));
  }

  private Finaliser histogram() {
    kind = FeatureKind.MAP;
    CategoryCounts.Of counts = categoryCounts();
    return Finaliser.other(
        (tiles, slot, asOf) -> {
          CategoryCounts found = counts.summary(tiles, slot);
          Map<String, Double> histogram = found == null ? Map.of() : found.histogram();
          return histogram.isEmpty() ? null : histogram;
        });
  }

  private Finaliser entropy() {
    CategoryCounts.Of counts = categoryCounts();
    return Finaliser.numeric(
        (tiles, slot, asOf) -> {
          CategoryCounts found = counts.summary(tiles, slot);
          return found == null ? Double.NaN : found.entropyBits();
        });
  }

  private Finaliser decayed() {
    long halfLifeMs = Objects.requireNonNull(feature.halfLifeMs);
    if (feature.aggregate == Aggregate.DECAYED_COUNT) {
      DecayPartial count =
          feature.share(new DecayPartial(counted(), halfLifeMs, condition, countedInput()));
      return orZero(count);
    }
    int input = feature.numberInput();
    DecayPartial sum = feature.share(DecayPartial.ofValues(halfLifeMs, condition, input));
    if (feature.aggregate == Aggregate.DECAYED_SUM) {
      return orZero(sum);
    }
    DecayPartial weight =
        feature.share(new DecayPartial(CountPartial.Of.NUMBERS, halfLifeMs, condition, input));
    // Both at the newest event: the weight of an age cancels, and cannot underflow.
    return Finaliser.numeric(
        (tiles, slot, asOf) ->
            sum.at(tiles, slot, Long.MIN_VALUE) / weight.at(tiles, slot, Long.MIN_VALUE));
  }

  private static Finaliser orZero(DecayPartial decay) {
    return Finaliser.numeric(
        (tiles, slot, asOf) -> decay.isEmpty(tiles, slot) ? 0 : decay.at(tiles, slot, asOf));
  }

  private Finaliser streak() {
    Streak.Of streak = feature.share(new Streak.Of(feature.n(), condition, feature.truthInput()));
    return Finaliser.numeric(
        (tiles, slot, asOf) -> {
          Streak found = streak.summary(tiles, slot);
          return found == null ? 0 : found.length();
        });
  }
}
