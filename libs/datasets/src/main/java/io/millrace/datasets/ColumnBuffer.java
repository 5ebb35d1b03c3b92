// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One column of the rows that are not in the file yet: each value in 64 bits, texts as numbers of a
 * list. Reused from group to group. Not thread-safe.
 */
final class ColumnBuffer {
  private static final int INITIAL = 1024;

  final Column column;

  /** The values that are there, without gaps. */
  long[] values = new long[INITIAL];

  int count;
  int rows;

  /** A bit per row: whether it has a value. Undefined while {@code count == rows}. */
  long[] present = new long[INITIAL / Long.SIZE];

  final List<byte[]> texts = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private @Nullable String lastText;
  private int lastNumber;
  long textBytes;

  ColumnBuffer(Column column) {
    this.column = column;
  }

  void missing() {
    if (count == rows) {
      // All before were there.
      if (rows >= present.length * Long.SIZE) {
        present = new long[rows / Long.SIZE * 2];
      }
      Arrays.fill(present, 0, rows >> 6, -1L);
      Arrays.fill(present, rows >> 6, present.length, 0);
      present[rows >> 6] = (1L << rows) - 1;
    } else {
      roomForBit();
    }
    rows++;
  }

  private void roomForBit() {
    if (rows == present.length * Long.SIZE) {
      present = Arrays.copyOf(present, present.length * 2);
    }
  }

  void number(double value) {
    if (Double.isNaN(value)) {
      missing();
    } else {
      integer(Double.doubleToRawLongBits(value));
    }
  }

  void integer(long value) {
    if (count < rows) {
      roomForBit();
      present[rows >> 6] |= 1L << rows;
    }
    rows++;
    if (count == values.length) {
      values = Arrays.copyOf(values, count * 2);
    }
    values[count++] = value;
  }

  void text(String text) {
    // Rows of one entity come together.
    if (!text.equals(lastText)) {
      Integer number = numbers.get(text);
      if (number == null) {
        number = texts.size();
        numbers.put(text, number);
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        texts.add(utf8);
        textBytes += utf8.length;
      }
      lastText = text;
      lastNumber = number;
    }
    integer(lastNumber);
  }

  /** Hashes the values in row order. */
  void hashInto(ContentHash hash) {
    if (count == rows && column.type() != ColumnType.BOOLEAN && column.type() != ColumnType.TEXT) {
      hash.integers(values, count);
      return;
    }
    int at = 0;
    for (int row = 0; row < rows; row++) {
      if (count < rows && (present[row >> 6] >>> row & 1) == 0) {
        hash.missing();
        continue;
      }
      long value = values[at++];
      switch (column.type()) {
        case NUMBER, INTEGER, TIMESTAMP -> hash.integer(value);
        case BOOLEAN -> hash.flag(value != 0);
        case TEXT -> hash.text(texts.get((int) value));
      }
    }
  }

  void clear() {
    count = 0;
    rows = 0;
    texts.clear();
    numbers.clear();
    lastText = null;
    textBytes = 0;
  }
}
