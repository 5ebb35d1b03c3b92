// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import org.jspecify.annotations.Nullable;

/** Counts, adds, compares and hashes: a pass without any statistic to speak of. */
final class MinimalPass implements RowPass {
  private long rows;
  private long missing;
  private double sum;
  private double least = Double.POSITIVE_INFINITY;
  private double greatest = Double.NEGATIVE_INFINITY;
  private long hash;

  @Override
  public void accept(@Nullable Object[] row) {
    for (Object value : row) {
      switch (value) {
        case null -> missing++;
        case Double number -> {
          sum += number;
          least = Math.min(least, number);
          greatest = Math.max(greatest, number);
        }
        case Object text -> hash = hash * 31 + hash((String) text);
      }
    }
    rows++;
  }

  /** A string keeps the hash that it was asked for, so this one reads the text each time. */
  private static int hash(String text) {
    int hash = 0;
    for (int i = 0; i < text.length(); i++) {
      hash = hash * 31 + text.charAt(i);
    }
    return hash;
  }

  @Override
  public void merge(RowPass other) {
    MinimalPass with = (MinimalPass) other;
    rows += with.rows;
    missing += with.missing;
    sum += with.sum;
    least = Math.min(least, with.least);
    greatest = Math.max(greatest, with.greatest);
    hash ^= with.hash;
  }

  @Override
  public double digest() {
    return rows + missing + sum + least + greatest + hash;
  }
}
