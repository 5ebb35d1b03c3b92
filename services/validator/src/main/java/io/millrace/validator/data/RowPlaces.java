// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where some rows are that have something in common: the first of them. Not thread-safe. */
final class RowPlaces {
  /** Places kept. */
  static final int MOST = 3;

  private final List<RowPlace> places = new ArrayList<>(0);

  /** Takes a row; it is passed over where its place is not known, or there are enough. */
  void add(@Nullable RowPlace place) {
    if (place != null && places.size() < MOST) {
      places.add(place);
    }
  }

  void merge(RowPlaces other) {
    other.places.forEach(this::add);
  }

  boolean isFull() {
    return places.size() == MOST;
  }

  List<RowPlace> all() {
    return List.copyOf(places);
  }

  List<String> texts() {
    return places.stream().map(RowPlace::toString).toList();
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(places.size());
    for (RowPlace place : places) {
      place.write(out);
    }
  }

  static RowPlaces read(DataInput in) throws IOException {
    RowPlaces read = new RowPlaces();
    for (int left = ColumnMarks.limited(in.readUnsignedByte(), MOST); left > 0; left--) {
      read.add(RowPlace.read(in));
    }
    return read;
  }
}
