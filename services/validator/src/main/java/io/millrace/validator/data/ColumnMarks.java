// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.validator.data.TraitPlaces.Trait;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a column's profile does not keep: where rows with a trait are, how long its lists are, how
 * many strings were no UTF-8 where they came from, and in which form its values are. Bounded,
 * mergeable. Not thread-safe.
 */
final class ColumnMarks {
  /** What a decoder puts where bytes are no UTF-8. */
  private static final char REPLACEMENT = '\uFFFD';

  private TraitPlaces traits = new TraitPlaces();
  private StringPlaces strings = new StringPlaces();
  private ListLengths lengths = new ListLengths();
  private final Extreme smallest = Extreme.smallest(Double.POSITIVE_INFINITY);
  private final Extreme largest = Extreme.largest(Double.NEGATIVE_INFINITY);
  private final Extreme shortest = Extreme.smallest(Integer.MAX_VALUE);
  private final Extreme longest = Extreme.largest(0);
  private long badText;
  private TimeMarks times = new TimeMarks();
  private final Map<String, PatternMarks> patterns = new TreeMap<>();

  /** The number that is further out than all others, and where the first such row is. */
  private static final class Extreme {
    private final int sign;
    private double value;
    private @Nullable RowPlace at;

    private Extreme(int sign, double value) {
      this.sign = sign;
      this.value = value;
    }

    static Extreme largest(double none) {
      return new Extreme(1, none);
    }

    static Extreme smallest(double none) {
      return new Extreme(-1, none);
    }

    void see(double number, @Nullable RowPlace place) {
      if (sign * number > sign * value) {
        set(number, place);
      }
    }

    void set(double number, @Nullable RowPlace place) {
      value = number;
      at = place;
    }

    List<String> text() {
      RowPlace place = at;
      return place == null ? List.of() : List.of(place.toString());
    }
  }

  void see(@Nullable Object value, @Nullable RowPlace place) {
    switch (value) {
      case null -> traits.see(Trait.MISSING, place);
      case Collection<?> list when list.isEmpty() -> traits.see(Trait.MISSING, place);
      case Collection<?> list -> {
        lengths.see(list.size());
        longest.see(list.size(), place);
        shortest.see(list.size(), place);
        list.forEach(each -> element(each, place));
      }
      default -> element(value, place);
    }
  }

  /** Holds the strings of a cell against a pattern. */
  void match(TextPattern pattern, @Nullable Object value, @Nullable RowPlace place) {
    switch (value) {
      case CharSequence text -> {
        PatternMarks marks =
            patterns.computeIfAbsent(pattern.source(), source -> new PatternMarks());
        marks.see(text.toString(), pattern.matches(text.toString()), place);
      }
      case Collection<?> list -> list.forEach(each -> match(pattern, each, place));
      case null, default -> {
        // What is no string is a matter of types.
      }
    }
  }

  private void element(@Nullable Object value, @Nullable RowPlace place) {
    switch (value) {
      case Number number -> {
        times.see(number, place);
        number(number.doubleValue(), place);
      }
      case CharSequence text -> {
        times.see(text, place);
        string(text.toString(), place);
      }
      case Boolean ignored -> traits.see(Trait.BOOLEAN, place);
      case null, default -> traits.see(Trait.OTHER, place);
    }
  }

  private void number(double value, @Nullable RowPlace place) {
    if (Double.isNaN(value)) {
      traits.see(Trait.NAN, place);
    } else if (Double.isInfinite(value)) {
      traits.see(Trait.INFINITE, place);
    } else {
      traits.see(Trait.NUMBER, place);
      if (value != Math.rint(value)) {
        traits.see(Trait.FRACTION, place);
      } else if (value == 0) {
        traits.see(Trait.ZERO, place);
      }
      if (value < 0) {
        traits.see(Trait.NEGATIVE, place);
      }
      smallest.see(value, place);
      largest.see(value, place);
    }
  }

  private void string(String value, @Nullable RowPlace place) {
    traits.see(Trait.STRING, place);
    if (value.indexOf(REPLACEMENT) >= 0) {
      badText++;
      traits.see(Trait.BAD_TEXT, place);
    }
    if (HabitChecks.isNothing(value)) {
      traits.see(Trait.NOTHING, place);
    }
    strings.see(value, place);
  }

  boolean wantsMissing() {
    return traits.wants(Trait.MISSING);
  }

  void merge(ColumnMarks other) {
    traits.merge(other.traits);
    strings.merge(other.strings);
    lengths.merge(other.lengths);
    smallest.see(other.smallest.value, other.smallest.at);
    largest.see(other.largest.value, other.largest.at);
    shortest.see(other.shortest.value, other.shortest.at);
    longest.see(other.longest.value, other.longest.at);
    badText += other.badText;
    times.merge(other.times);
    other.patterns.forEach(
        (pattern, marks) -> {
          if (patterns.size() < PatternBook.MOST_OF_A_COLUMN || patterns.containsKey(pattern)) {
            patterns.computeIfAbsent(pattern, source -> new PatternMarks()).merge(marks);
          }
        });
  }

  /** In which formats of time its values are. */
  TimeMarks times() {
    return times;
  }

  /** How its strings match a pattern; null where none was held against it. */
  @Nullable PatternMarks pattern(String source) {
    return patterns.get(source);
  }

  /** A text to name in a finding. */
  static String shortened(String text) {
    return text.length() <= StringPlaces.MOST_CHARS
        ? text
        : text.substring(0, StringPlaces.MOST_CHARS - 1) + "…";
  }

  /** Some rows that show a trait. */
  List<String> examples(Trait trait) {
    return traits.texts(trait);
  }

  /** Some rows that have any value. */
  List<String> any() {
    return traits.any();
  }

  /** Rows with a string, or none where it is not known where they are. */
  List<String> examples(Collection<String> values) {
    return strings.texts(values);
  }

  /** The row with the smallest number. */
  List<String> smallest() {
    return smallest.text();
  }

  /** The row with the largest number. */
  List<String> largest() {
    return largest.text();
  }

  /** The row with the longest list. */
  List<String> longest() {
    return longest.text();
  }

  /** The row with the shortest list that has a value. */
  List<String> shortest() {
    return shortest.text();
  }

  /** A row with a list of another length, if the longest or the shortest is one. */
  List<String> anyLengthBut(int length) {
    return longest.value != length ? longest() : shortest.value != length ? shortest() : List.of();
  }

  /** Strings that were no UTF-8. */
  long badText() {
    return badText;
  }

  /** Length of a list → rows with such a list; null where there are too many lengths. */
  @Nullable Map<Integer, Long> lengths() {
    return lengths.rows();
  }

  void write(DataOutput out) throws IOException {
    traits.write(out);
    strings.write(out);
    lengths.write(out);
    out.writeDouble(smallest.value);
    out.writeDouble(largest.value);
    out.writeInt((int) longest.value);
    out.writeLong(badText);
    write(out, smallest.at);
    write(out, largest.at);
    write(out, longest.at);
    out.writeInt((int) shortest.value);
    write(out, shortest.at);
    times.write(out);
    out.writeByte(patterns.size());
    for (Map.Entry<String, PatternMarks> each : patterns.entrySet()) {
      out.writeUTF(each.getKey());
      each.getValue().write(out);
    }
  }

  private static void write(DataOutput out, @Nullable RowPlace place) throws IOException {
    out.writeBoolean(place != null);
    if (place != null) {
      place.write(out);
    }
  }

  private static @Nullable RowPlace placeOrNull(DataInput in) throws IOException {
    return in.readBoolean() ? RowPlace.read(in) : null;
  }

  /**
   * @param forms whether times and patterns were written, as they were not always
   */
  static ColumnMarks read(DataInput in, boolean forms) throws IOException {
    ColumnMarks marks = new ColumnMarks();
    marks.traits = TraitPlaces.read(in);
    marks.strings = StringPlaces.read(in);
    marks.lengths = ListLengths.read(in);
    double least = in.readDouble();
    double most = in.readDouble();
    int longest = in.readInt();
    marks.badText = in.readLong();
    marks.smallest.set(least, placeOrNull(in));
    marks.largest.set(most, placeOrNull(in));
    marks.longest.set(longest, placeOrNull(in));
    if (forms) {
      marks.shortest.set(in.readInt(), placeOrNull(in));
      marks.times = TimeMarks.read(in);
      for (int left = in.readUnsignedByte(); left > 0; left--) {
        marks.patterns.put(in.readUTF(), PatternMarks.read(in));
      }
    }
    return marks;
  }

  /**
   * A number that was stored.
   *
   * @throws IllegalArgumentException where it is larger than was ever written
   */
  static int limited(int value, int most) {
    if (value > most) {
      throw new IllegalArgumentException("column marks with " + value + " of at most " + most);
    }
    return value;
  }
}
