// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** How many rows and values of each class a column had. Mergeable; not thread-safe. */
final class ColumnCounts {
  long rows;
  long missing;
  long values;
  long nan;
  long positiveInfinity;
  long negativeInfinity;
  long numbers;
  long strings;
  long trues;
  long falses;
  long others;
  int minValency = Integer.MAX_VALUE;
  int maxValency;

  /** A row of one value. */
  void one() {
    rows++;
    values++;
    minValency = Math.min(minValency, 1);
    maxValency = Math.max(maxValency, 1);
  }

  /** A row of a list of values. */
  void list(int size) {
    rows++;
    values += size;
    minValency = Math.min(minValency, size);
    maxValency = Math.max(maxValency, size);
  }

  void missing(long count) {
    rows = Math.addExact(rows, count);
    missing += count;
  }

  void bool(boolean value) {
    if (value) {
      trues++;
    } else {
      falses++;
    }
  }

  /** A number that is not finite. */
  void notFinite(double value) {
    if (value > 0) {
      positiveInfinity++;
    } else if (value < 0) {
      negativeInfinity++;
    } else {
      nan++;
    }
  }

  /** How many of the two boolean values occurred. */
  int distinctBooleans() {
    return (trues > 0 ? 1 : 0) + (falses > 0 ? 1 : 0);
  }

  /**
   * No count of either kind is larger than the rows and values, so only these can overflow.
   *
   * @throws ArithmeticException before anything has changed
   */
  void requireRoomFor(ColumnCounts other) {
    Math.addExact(rows, other.rows);
    Math.addExact(values, other.values);
  }

  void merge(ColumnCounts other) {
    rows += other.rows;
    missing += other.missing;
    values += other.values;
    nan += other.nan;
    positiveInfinity += other.positiveInfinity;
    negativeInfinity += other.negativeInfinity;
    numbers += other.numbers;
    strings += other.strings;
    trues += other.trues;
    falses += other.falses;
    others += other.others;
    minValency = Math.min(minValency, other.minValency);
    maxValency = Math.max(maxValency, other.maxValency);
  }

  ColumnKind kind() {
    long numerics = numbers + nan + positiveInfinity + negativeInfinity;
    if (values == 0) {
      return ColumnKind.EMPTY;
    } else if (numerics == values) {
      return ColumnKind.NUMERIC;
    } else if (strings == values) {
      return ColumnKind.CATEGORICAL;
    } else if (trues + falses == values) {
      return ColumnKind.BOOLEAN;
    } else {
      return others == values ? ColumnKind.OTHER : ColumnKind.MIXED;
    }
  }

  Map<String, Long> composition() {
    Map<String, Long> parts = new LinkedHashMap<>();
    parts.put("missing", missing);
    parts.put("number", numbers);
    parts.put("nan", nan);
    parts.put("+inf", positiveInfinity);
    parts.put("-inf", negativeInfinity);
    parts.put("string", strings);
    parts.put("boolean", trues + falses);
    parts.put("other", others);
    return parts;
  }

  void write(DataOutput out) throws IOException {
    long[] counts = {
      rows,
      missing,
      values,
      nan,
      positiveInfinity,
      negativeInfinity,
      numbers,
      strings,
      trues,
      falses,
      others
    };
    for (long count : counts) {
      out.writeLong(count);
    }
    out.writeInt(minValency);
    out.writeInt(maxValency);
  }

  static ColumnCounts read(DataInput in) throws IOException {
    ColumnCounts counts = new ColumnCounts();
    counts.rows = in.readLong();
    counts.missing = in.readLong();
    counts.values = in.readLong();
    counts.nan = in.readLong();
    counts.positiveInfinity = in.readLong();
    counts.negativeInfinity = in.readLong();
    counts.numbers = in.readLong();
    counts.strings = in.readLong();
    counts.trues = in.readLong();
    counts.falses = in.readLong();
    counts.others = in.readLong();
    counts.minValency = in.readInt();
    counts.maxValency = in.readInt();
    return counts;
  }
}
