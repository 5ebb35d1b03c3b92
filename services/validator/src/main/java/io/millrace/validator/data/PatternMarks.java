// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many strings were held against a pattern and do not match it, with some of their places.
 * Bounded, mergeable. Not thread-safe.
 */
final class PatternMarks {
  private final List<RowPlace> places = new ArrayList<>();
  private String example = "";
  private long asked;
  private long broken;

  void see(String text, boolean matches, @Nullable RowPlace place) {
    asked++;
    if (matches) {
      return;
    }
    if (broken == 0) {
      example = ColumnMarks.shortened(text);
    }
    broken++;
    if (place != null && places.size() < ColumnMarks.MOST_PLACES) {
      places.add(place);
    }
  }

  void merge(PatternMarks other) {
    if (broken == 0) {
      example = other.example;
    }
    asked += other.asked;
    broken += other.broken;
    for (RowPlace place : other.places) {
      if (places.size() < ColumnMarks.MOST_PLACES) {
        places.add(place);
      }
    }
  }

  /** Strings that were looked at. */
  long asked() {
    return asked;
  }

  /** Those that do not match. */
  long broken() {
    return broken;
  }

  /** The first of those, shortened. */
  String example() {
    return example;
  }

  /** Rows with some of those. */
  List<String> examples() {
    return places.stream().map(RowPlace::toString).toList();
  }

  void write(DataOutput out) throws IOException {
    out.writeLong(asked);
    out.writeLong(broken);
    out.writeUTF(example);
    ColumnMarks.write(out, places);
  }

  static PatternMarks read(DataInput in) throws IOException {
    PatternMarks marks = new PatternMarks();
    marks.asked = in.readLong();
    marks.broken = in.readLong();
    marks.example = in.readUTF();
    marks.places.addAll(ColumnMarks.places(in));
    return marks;
  }
}
