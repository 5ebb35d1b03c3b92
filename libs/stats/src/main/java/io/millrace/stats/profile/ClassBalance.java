// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the classes of a label are balanced, from counts alone: no row is read. Immutable.
 *
 * @param counts class → rows, at least one class
 */
public record ClassBalance(Map<String, Long> counts) {
  /**
   * @throws IllegalArgumentException where a count is negative or there is no row
   */
  public ClassBalance {
    counts = Collections.unmodifiableMap(new TreeMap<>(counts));
    if (counts.values().stream().anyMatch(count -> count < 0)
        || counts.values().stream().allMatch(count -> count == 0)) {
      throw new IllegalArgumentException("classes need rows: " + counts);
    }
  }

  /**
   * The classes of a column that was profiled before.
   *
   * @param mostClasses most different values that are classes, and no quantity or name
   * @return empty where the column has no value, more different ones than that, or counts that are
   *     not exact
   */
  public static Optional<ClassBalance> of(ColumnProfile column, int mostClasses) {
    Map<String, Long> counts = new TreeMap<>();
    column.heavyHitters(mostClasses + 1).forEach(each -> counts.put(each.value(), each.count()));
    long counted = counts.values().stream().mapToLong(Long::longValue).sum();
    return column.values() == 0
            || counts.size() > mostClasses
            || column.heavyHitterError() > 0
            || counted != column.values()
        ? Optional.empty()
        : Optional.of(new ClassBalance(counts));
  }

  /** Rows of all classes. */
  public long rows() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Share of a class among all rows, 0 to 1; 0 for a class that does not occur. */
  public double share(String name) {
    return (double) counts.getOrDefault(name, 0L) / rows();
  }

  /** Rows of the commonest class for one of the rarest; null where a class has no row left. */
  public @Nullable Double ratio() {
    long most = counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    long least = counts.values().stream().mapToLong(Long::longValue).min().orElse(0);
    return least == 0 || counts.size() == 1 ? null : (Double) ((double) most / least);
  }
}
