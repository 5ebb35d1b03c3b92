// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many rows of a column have a list of each length; nothing of a column with more than {@value
 * #MOST_LENGTHS} different ones. Mergeable. Not thread-safe.
 */
final class ListLengths {
  static final int MOST_LENGTHS = 64;

  /** Null once there were too many. */
  private @Nullable TreeMap<Integer, Long> rows = new TreeMap<>();

  void see(int length) {
    add(length, 1);
  }

  private void add(int length, long more) {
    TreeMap<Integer, Long> known = rows;
    if (known != null) {
      known.merge(length, more, Long::sum);
      rows = known.size() > MOST_LENGTHS ? null : known;
    }
  }

  void merge(ListLengths other) {
    TreeMap<Integer, Long> theirs = other.rows;
    if (theirs == null) {
      rows = null;
    } else {
      theirs.forEach(this::add);
    }
  }

  /** Length of a list → rows with such a list; null where there are too many lengths. */
  @Nullable Map<Integer, Long> rows() {
    TreeMap<Integer, Long> known = rows;
    return known == null ? null : Map.copyOf(known);
  }

  void write(DataOutput out) throws IOException {
    TreeMap<Integer, Long> known = rows;
    out.writeInt(known == null ? -1 : known.size());
    if (known != null) {
      for (Map.Entry<Integer, Long> entry : known.entrySet()) {
        out.writeInt(entry.getKey());
        out.writeLong(entry.getValue());
      }
    }
  }

  static ListLengths read(DataInput in) throws IOException {
    ListLengths read = new ListLengths();
    int count = ColumnMarks.limited(in.readInt(), MOST_LENGTHS);
    TreeMap<Integer, Long> known = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      known.put(in.readInt(), in.readLong());
    }
    read.rows = count < 0 ? null : known;
    return read;
  }
}
