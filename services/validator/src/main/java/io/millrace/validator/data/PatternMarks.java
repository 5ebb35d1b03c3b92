// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many strings were held against a pattern and do not match it, with some of their places.
 * Bounded, mergeable. Not thread-safe.
 */
final class PatternMarks {
  private RowPlaces places = new RowPlaces();
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
    places.add(place);
  }

  void merge(PatternMarks other) {
    if (broken == 0) {
      example = other.example;
    }
    asked += other.asked;
    broken += other.broken;
    places.merge(other.places);
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
    return places.texts();
  }

  void write(DataOutput out) throws IOException {
    out.writeLong(asked);
    out.writeLong(broken);
    out.writeUTF(example);
    places.write(out);
  }

  static PatternMarks read(DataInput in) throws IOException {
    PatternMarks marks = new PatternMarks();
    marks.asked = in.readLong();
    marks.broken = in.readLong();
    marks.example = in.readUTF();
    marks.places = RowPlaces.read(in);
    return marks;
  }
}
