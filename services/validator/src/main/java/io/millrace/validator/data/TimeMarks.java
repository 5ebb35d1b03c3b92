// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules.TimeFormat;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many values are in each format of time, or in none, with some of each. Each value is in one
 * class, so that what is not in a format is in the others. Bounded, mergeable. Not thread-safe.
 */
final class TimeMarks {
  private static final TimeFormat[] FORMATS = TimeFormat.values();

  /** The class of what is in no format. */
  private static final TimeFormat NONE = TimeFormat.ANY;

  private final EnumMap<TimeFormat, Marks> classes = new EnumMap<>(TimeFormat.class);

  private static final class Marks {
    private final RowPlaces places = new RowPlaces();
    private final String example;
    private long count;

    private Marks(String example) {
      this.example = example;
    }

    private void add(long more, RowPlaces theirs) {
      count += more;
      places.merge(theirs);
    }
  }

  void see(Object value, @Nullable RowPlace place) {
    TimeFormat in =
        switch (value) {
          case CharSequence text -> TimeForms.of(text.toString());
          case Long number -> TimeForms.of(number);
          case Integer number -> TimeForms.of(number);
          default -> null;
        };
    Marks marks = classes.get(in == null ? NONE : in);
    if (marks == null) {
      marks = new Marks(ColumnMarks.shortened(value.toString()));
      classes.put(in == null ? NONE : in, marks);
    }
    marks.count++;
    marks.places.add(place);
  }

  void merge(TimeMarks other) {
    other.classes.forEach(
        (format, theirs) ->
            classes
                .computeIfAbsent(format, any -> new Marks(theirs.example))
                .add(theirs.count, theirs.places));
  }

  /** Strings and numbers. */
  long values() {
    return classes.values().stream().mapToLong(each -> each.count).sum();
  }

  /** Those in a format. */
  long fitting(TimeFormat format) {
    Marks marks = format == NONE ? null : classes.get(format);
    return marks == null ? 0 : marks.count;
  }

  /** One that is not in a format, shortened; empty without one. */
  String misfit(TimeFormat format) {
    return classes.entrySet().stream()
        .filter(each -> each.getKey() != format)
        .map(each -> each.getValue().example)
        .findFirst()
        .orElse("");
  }

  /** Rows with some that are not. */
  List<String> misfits(TimeFormat format) {
    return classes.entrySet().stream()
        .filter(each -> each.getKey() != format)
        .flatMap(each -> each.getValue().places.texts().stream())
        .limit(RowPlaces.MOST)
        .toList();
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(classes.size());
    for (Map.Entry<TimeFormat, Marks> each : classes.entrySet()) {
      out.writeByte(each.getKey().ordinal());
      out.writeLong(each.getValue().count);
      out.writeUTF(each.getValue().example);
      each.getValue().places.write(out);
    }
  }

  static TimeMarks read(DataInput in) throws IOException {
    TimeMarks marks = new TimeMarks();
    for (int left = in.readUnsignedByte(); left > 0; left--) {
      int format = in.readUnsignedByte();
      if (format >= FORMATS.length) {
        throw new IllegalArgumentException("no format of time has the number " + format);
      }
      long count = in.readLong();
      Marks read = new Marks(in.readUTF());
      read.add(count, RowPlaces.read(in));
      marks.classes.put(FORMATS[format], read);
    }
    return marks;
  }
}
