// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.stats.profile.DatasetProfile;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a profile does not keep of the rows of a span: see {@link ColumnMarks}; further the rows
 * that break a rule, and how the rows lie in time. Bounded, mergeable. Not thread-safe.
 */
final class RowMarks {
  /** Parts of a span in event time whose rows are counted apart. */
  static final int SLICES = 24;

  private final int maxColumns;
  private final Map<String, ColumnMarks> columns = new HashMap<>();
  private final Map<String, RowPlaces> broken = new TreeMap<>();
  private final long[] slices = new long[SLICES];

  RowMarks(int maxColumns) {
    this.maxColumns = maxColumns;
  }

  /** Takes a row. */
  void see(Map<String, ? extends @Nullable Object> row, int slice, @Nullable RowPlace place) {
    slices[slice]++;
    for (Map.Entry<String, ? extends @Nullable Object> cell : row.entrySet()) {
      String name = DatasetProfile.nameOf(cell.getKey());
      ColumnMarks column = columns.get(name);
      if (column == null) {
        if (columns.size() >= maxColumns) {
          continue;
        }
        column = new ColumnMarks();
        columns.put(name, column);
      }
      column.see(cell.getValue(), place);
    }
    if (row.size() < columns.size() && place != null) {
      columns.forEach(
          (name, column) -> {
            if (column.wantsMissing() && !row.containsKey(name)) {
              column.see(null, place);
            }
          });
    }
  }

  /** Holds a row that was taken against patterns. */
  void match(
      Map<String, ? extends @Nullable Object> row,
      PatternBook.Patterns patterns,
      @Nullable RowPlace place) {
    patterns
        .byColumn()
        .forEach(
            (name, all) -> {
              ColumnMarks column = columns.get(name);
              Object value = row.get(name);
              if (column != null && value != null) {
                all.forEach(pattern -> column.match(pattern, value, place));
              }
            });
  }

  /** Takes a row that breaks a rule. */
  void breaks(String rule, @Nullable RowPlace place) {
    if (place != null) {
      broken.computeIfAbsent(rule, name -> new RowPlaces()).add(place);
    }
  }

  void merge(RowMarks other) {
    other.columns.forEach(
        (name, marks) -> {
          ColumnMarks mine = columns.get(name);
          if (mine == null && columns.size() < maxColumns) {
            mine = new ColumnMarks();
            columns.put(name, mine);
          }
          if (mine != null) {
            mine.merge(marks);
          }
        });
    other.broken.forEach(
        (rule, places) -> broken.computeIfAbsent(rule, name -> new RowPlaces()).merge(places));
    for (int i = 0; i < SLICES; i++) {
      slices[i] += other.slices[i];
    }
  }

  /** The marks of a column; empty ones where it was not seen. */
  ColumnMarks column(String name) {
    ColumnMarks known = columns.get(name);
    return known == null ? new ColumnMarks() : known;
  }

  /** Rows that break a rule. */
  List<String> broken(String rule) {
    return broken.getOrDefault(rule, new RowPlaces()).texts();
  }

  /** Rows of each part of the span, in order. */
  long[] slices() {
    return slices.clone();
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(columns.size());
    for (Map.Entry<String, ColumnMarks> entry : columns.entrySet()) {
      out.writeUTF(entry.getKey());
      entry.getValue().write(out);
    }
    out.writeInt(broken.size());
    for (Map.Entry<String, RowPlaces> entry : broken.entrySet()) {
      List<RowPlace> places = entry.getValue().all();
      out.writeUTF(entry.getKey());
      out.writeInt(places.size());
      for (RowPlace place : places) {
        place.write(out);
      }
    }
    for (long slice : slices) {
      out.writeLong(slice);
    }
  }

  /**
   * @param forms see {@link ColumnMarks#read}
   */
  static RowMarks read(DataInput in, int maxColumns, boolean forms) throws IOException {
    RowMarks marks = new RowMarks(maxColumns);
    int columns = in.readInt();
    for (int i = 0; i < columns; i++) {
      marks.columns.put(in.readUTF(), ColumnMarks.read(in, forms));
    }
    int rules = in.readInt();
    for (int i = 0; i < rules; i++) {
      String rule = in.readUTF();
      int places = in.readInt();
      for (int j = 0; j < places; j++) {
        marks.breaks(rule, RowPlace.read(in));
      }
    }
    for (int i = 0; i < SLICES; i++) {
      marks.slices[i] = in.readLong();
    }
    return marks;
  }
}
