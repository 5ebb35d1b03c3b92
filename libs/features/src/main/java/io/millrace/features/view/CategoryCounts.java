// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts per category, bounded. Exact, and independent of order, while there are at most {@code
 * bound} categories. Beyond that either new categories are counted together as {@value #OTHERS}, or
 * one of each of {@code bound + 1} categories is struck out (J. Misra and D. Gries, "Finding
 * repeated elements", Science of Computer Programming 2, 1982), in a merge as many as make room (P.
 * Agarwal et al., "Mergeable summaries", PODS 2012). However it is merged, a count is then at most
 * the truth, and at most events/(bound + 1) below it: no category of more occurrences is lost.
 */
final class CategoryCounts {
  /** No category of an event: see {@link #named}. */
  static final String OTHERS = "*";

  /** How room is made where counts are struck out: part of what a state means. */
  static final String STRIKING = "misra-gries";

  /** A category with its length when written, at most. */
  static final int TEXT_BYTES = 2 + KeptText.CATEGORY_BYTES;

  private static final Comparator<Map.Entry<String, Long>> MOST_FIRST =
      Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
          .thenComparing(Map.Entry.comparingByKey());

  private final int bound;
  private final boolean striking;
  private final TreeMap<String, Long> counts = new TreeMap<>();

  /**
   * @param striking whether counts are struck out to make room; else {@value #OTHERS} takes the
   *     rest
   */
  CategoryCounts(int bound, boolean striking) {
    this.bound = bound;
    this.striking = striking;
  }

  /** The name of an event's category: one of nothing but stars has one star more. */
  static String named(String category) {
    for (int i = 0; i < category.length(); i++) {
      if (category.charAt(i) != '*') {
        return category;
      }
    }
    return category.isEmpty() ? category : category + '*';
  }

  void add(String category) {
    Long count = counts.get(category);
    if (count != null) {
      counts.put(category, count + 1);
    } else if (counts.size() < bound) {
      counts.put(category, 1L);
    } else if (striking) {
      strike(1);
    } else {
      counts.merge(OTHERS, 1L, Long::sum);
    }
  }

  void addAll(CategoryCounts other) {
    other.counts.forEach((category, count) -> counts.merge(category, count, Long::sum));
    if (striking && counts.size() > bound) {
      strike(ranked().get(bound).getValue());
    } else if (!striking && counts.size() > bound + 1) {
      List<Map.Entry<String, Long>> ranked = ranked();
      for (Map.Entry<String, Long> entry : ranked.subList(bound, ranked.size())) {
        if (!entry.getKey().equals(OTHERS)) {
          counts.remove(entry.getKey());
          counts.merge(OTHERS, entry.getValue(), Long::sum);
        }
      }
    }
  }

  /** Takes that many occurrences from each category. */
  private void strike(long occurrences) {
    counts.values().removeIf(count -> count <= occurrences);
    counts.replaceAll((category, count) -> count - occurrences);
  }

  /** Most frequent first, equally frequent ones by name. */
  List<Map.Entry<String, Long>> ranked() {
    List<Map.Entry<String, Long>> entries = new ArrayList<>();
    counts.forEach((category, count) -> entries.add(Map.entry(category, count)));
    entries.sort(MOST_FIRST);
    return entries;
  }

  List<String> mostFrequent(int n) {
    return ranked().stream().limit(n).map(Map.Entry::getKey).toList();
  }

  Map<String, Double> histogram() {
    TreeMap<String, Double> histogram = new TreeMap<>();
    counts.forEach((category, count) -> histogram.put(category, (double) count));
    return histogram;
  }

  /** Shannon entropy of the shares, in bits. */
  double entropyBits() {
    double total = 0;
    for (long count : counts.values()) {
      total += count;
    }
    double entropy = 0;
    for (long count : counts.values()) {
      double share = count / total;
      entropy -= share * StrictMath.log(share);
    }
    return Math.abs(entropy / StrictMath.log(2));
  }

  /** The partial that keeps such counts. */
  static final class Of extends RefPartial<CategoryCounts> {
    private final int bound;
    private final boolean striking;

    Of(int bound, boolean striking, int condition, int input) {
      super(
          numbered(striking ? STRIKING : "categories", bound),
          CategoryCounts.class,
          condition,
          input);
      this.bound = bound;
      this.striking = striking;
    }

    @Override
    long mostRefBytes() {
      return NUMBER_BYTES + (bound + 1L) * (TEXT_BYTES + NUMBER_BYTES);
    }

    @Override
    void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
      Object value = inputs.objects[input];
      if (value != null) {
        String category = Canonical.category(value);
        open(tiles, slot).add(striking ? category : named(category));
      }
    }

    @Override
    CategoryCounts create() {
      return new CategoryCounts(bound, striking);
    }

    @Override
    void merge(CategoryCounts into, CategoryCounts from) {
      into.addAll(from);
    }

    @Override
    void write(CategoryCounts summary, ByteWriter out) {
      out.unsigned(summary.counts.size());
      summary.counts.forEach(
          (category, count) -> {
            out.text(category);
            out.unsigned(count);
          });
    }

    @Override
    CategoryCounts read(ByteReader in) {
      CategoryCounts counts = create();
      int size = in.count();
      for (int i = 0; i < size; i++) {
        String category = in.text();
        counts.counts.put(category, in.unsigned());
      }
      return counts;
    }
  }
}
