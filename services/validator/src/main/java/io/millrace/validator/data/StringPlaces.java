// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where each string of a column is first. A column with more than {@value #MOST_STRINGS} of them
 * has no domain, so that no place is kept of any. Mergeable. Not thread-safe.
 */
final class StringPlaces {
  static final int MOST_STRINGS = 128;

  /** Longest string whose place is kept. */
  static final int MOST_CHARS = 64;

  /** Null once there were too many. */
  private @Nullable Map<String, RowPlace> places = new HashMap<>();

  void see(String value, @Nullable RowPlace place) {
    Map<String, RowPlace> known = places;
    if (known != null && place != null && value.length() <= MOST_CHARS) {
      known.putIfAbsent(value, place);
      places = known.size() > MOST_STRINGS ? null : known;
    }
  }

  void merge(StringPlaces other) {
    Map<String, RowPlace> mine = places;
    Map<String, RowPlace> theirs = other.places;
    if (mine == null || theirs == null) {
      places = null;
    } else {
      theirs.forEach(mine::putIfAbsent);
      places = mine.size() > MOST_STRINGS ? null : mine;
    }
  }

  /** Rows with some of the strings, or none where it is not known where they are. */
  List<String> texts(Collection<String> values) {
    Map<String, RowPlace> known = places;
    if (known == null) {
      return List.of();
    }
    return values.stream()
        .filter(known::containsKey)
        .limit(RowPlaces.MOST)
        .map(known::get)
        .map(RowPlace::toString)
        .toList();
  }

  void write(DataOutput out) throws IOException {
    Map<String, RowPlace> known = places;
    out.writeInt(known == null ? -1 : known.size());
    if (known != null) {
      for (Map.Entry<String, RowPlace> entry : known.entrySet()) {
        out.writeUTF(entry.getKey());
        entry.getValue().write(out);
      }
    }
  }

  static StringPlaces read(DataInput in) throws IOException {
    StringPlaces read = new StringPlaces();
    int count = ColumnMarks.limited(in.readInt(), MOST_STRINGS);
    Map<String, RowPlace> known = new HashMap<>();
    for (int i = 0; i < count; i++) {
      known.put(in.readUTF(), RowPlace.read(in));
    }
    read.places = count < 0 ? null : known;
    return read;
  }
}
