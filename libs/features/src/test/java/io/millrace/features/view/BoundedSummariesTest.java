// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What summaries that have taken more than they can hold still promise, whichever way their tiles
 * were merged: their stated bounds against plain counts of everything.
 */
final class BoundedSummariesTest {
  private static final int CASES = 200;
  private static final int BOUND = 12;

  /** A stream of few frequent and many rare categories, each with its true count. */
  private static List<String> stream(SplittableRandom random, Map<String, Long> truth) {
    List<String> stream = new ArrayList<>();
    int events = random.nextInt(1, 2_000);
    double skew = random.nextDouble() * 3 + 0.2;
    for (int i = 0; i < events; i++) {
      String category = "c" + (int) (300 * Math.pow(random.nextDouble(), skew));
      stream.add(category);
      truth.merge(category, 1L, Long::sum);
    }
    if (random.nextBoolean()) {
      // The worst order: what is frequent comes last.
      stream.sort(
          Comparator.<String, Long>comparing(truth::get).thenComparing(Comparator.naturalOrder()));
    }
    return stream;
  }

  /** Deals a stream to tiles, in runs or at random, and merges those in a random order. */
  private static CategoryCounts merged(
      SplittableRandom random, List<String> stream, boolean striking) {
    int tiles = random.nextInt(1, 30);
    boolean inRuns = random.nextBoolean();
    List<CategoryCounts> parts = new ArrayList<>();
    for (int i = 0; i < tiles; i++) {
      parts.add(new CategoryCounts(BOUND, striking));
    }
    for (int i = 0; i < stream.size(); i++) {
      int tile = inRuns ? i * tiles / stream.size() : random.nextInt(tiles);
      parts.get(tile).add(stream.get(i));
    }
    while (parts.size() > 1) {
      CategoryCounts one = parts.remove(random.nextInt(parts.size()));
      parts.get(random.nextInt(parts.size())).addAll(one);
    }
    return parts.getFirst();
  }

  @Test
  void mostFrequent_beyondTheBound_losesNoneOfMoreThanItsShareAndCountsWithinIt() {
    SplittableRandom random = new SplittableRandom(1);
    int lossy = 0;
    for (int i = 0; i < CASES; i++) {
      Map<String, Long> truth = new HashMap<>();
      List<String> stream = stream(random, truth);
      CategoryCounts counts = merged(random, stream, true);
      Map<String, Long> found = new TreeMap<>();
      counts.ranked().forEach(each -> found.put(each.getKey(), each.getValue()));
      double share = stream.size() / (BOUND + 1.0);
      lossy += truth.size() > BOUND ? 1 : 0;
      assertThat(found).hasSizeLessThanOrEqualTo(BOUND);
      truth.forEach(
          (category, count) ->
              assertThat(found.getOrDefault(category, 0L))
                  .as("%s of %d events", category, stream.size())
                  .isBetween((long) Math.ceil(count - share), count));
      assertThat(truth).containsAllEntriesOf(truth.size() > BOUND ? Map.of() : found);
    }
    assertThat(lossy).isGreaterThan(CASES / 2);
  }

  @Test
  void histogram_beyondTheBound_losesNoEventAndOvercountsNone() {
    SplittableRandom random = new SplittableRandom(2);
    int lossy = 0;
    for (int i = 0; i < CASES; i++) {
      Map<String, Long> truth = new HashMap<>();
      List<String> stream = stream(random, truth);
      Map<String, Double> found = merged(random, stream, false).histogram();
      assertThat(found.values().stream().mapToDouble(count -> count).sum())
          .isEqualTo(stream.size());
      assertThat(found).hasSizeLessThanOrEqualTo(BOUND + 1);
      if (truth.size() <= BOUND) {
        assertThat(found).doesNotContainKey(CategoryCounts.OTHERS);
      } else {
        lossy++;
        assertThat(found).containsKey(CategoryCounts.OTHERS);
      }
      found.forEach(
          (category, count) -> {
            if (!category.equals(CategoryCounts.OTHERS)) {
              assertThat(count).isBetween(1.0, (double) truth.get(category));
            }
          });
    }
    assertThat(lossy).isGreaterThan(CASES / 2);
  }

  /** The rank error is stated for 99 % of quantiles; twice that is for all of these. */
  @Test
  void quantile_farBeyondWhatIsKept_isWithinTheStatedRankError() {
    SplittableRandom random = new SplittableRandom(3);
    double[] asked = {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99};
    int beyond = 0;
    int all = 0;
    for (int i = 0; i < 40; i++) {
      int events = random.nextInt(1_000, 40_000);
      double[] values = new double[events];
      int style = random.nextInt(4);
      for (int j = 0; j < events; j++) {
        values[j] =
            switch (style) {
              case 0 -> j;
              case 1 -> -j;
              case 2 -> random.nextInt(50);
              default -> Math.exp(10 * random.nextDouble());
            };
      }
      int tiles = random.nextInt(1, 60);
      List<KllSketch> parts = new ArrayList<>();
      for (int t = 0; t < tiles; t++) {
        parts.add(new KllSketch());
      }
      for (int j = 0; j < events; j++) {
        parts.get((int) ((long) j * tiles / events)).add(values[j]);
      }
      KllSketch whole = new KllSketch();
      parts.forEach(whole::addAll);
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      assertThat(whole.count()).isEqualTo(events);
      assertThat(whole.quantile(0)).isEqualTo(sorted[0]);
      assertThat(whole.quantile(1)).isEqualTo(sorted[events - 1]);
      for (double q : asked) {
        double found = whole.quantile(q);
        double below = Arrays.stream(sorted).filter(value -> value < found).count();
        double upTo = Arrays.stream(sorted).filter(value -> value <= found).count();
        double error = Math.max(0, Math.max(below / events - q, q - upTo / events));
        assertThat(error).as("quantile %s of %d values", q, events).isLessThan(2 * 0.013);
        beyond += error > 0.013 ? 1 : 0;
        all++;
      }
    }
    assertThat((double) beyond / all).as("beyond the stated error").isLessThan(0.03);
  }
}
