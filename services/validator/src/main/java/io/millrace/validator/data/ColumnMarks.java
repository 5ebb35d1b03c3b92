// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
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
  /** Places kept of each trait. */
  static final int MOST_PLACES = 3;

  /** Strings whose first place is kept; a column with more of them has no domain. */
  static final int MOST_STRINGS = 128;

  /** Longest string whose place is kept. */
  static final int MOST_CHARS = 64;

  /** Different lengths of lists that are counted apart. */
  static final int MOST_LENGTHS = 64;

  /** What a decoder puts where bytes are no UTF-8. */
  private static final char REPLACEMENT = '\uFFFD';

  /** What a row may show in a column. */
  enum Trait {
    MISSING,
    NUMBER,
    STRING,
    BOOLEAN,
    OTHER,
    NAN,
    INFINITE,
    FRACTION,
    ZERO,
    NEGATIVE,
    BAD_TEXT,
    /** A word for nothing, see {@link HabitChecks#isNothing}. */
    NOTHING
  }

  private static final Trait[] TRAITS = Trait.values();

  private final EnumMap<Trait, List<RowPlace>> places = new EnumMap<>(Trait.class);
  private final int[] kept = new int[TRAITS.length];
  private @Nullable Map<String, RowPlace> strings = new HashMap<>();
  private @Nullable TreeMap<Integer, Long> lengths = new TreeMap<>();
  private @Nullable RowPlace smallestAt;
  private @Nullable RowPlace largestAt;
  private @Nullable RowPlace longestAt;
  private @Nullable RowPlace shortestAt;
  private double smallest = Double.POSITIVE_INFINITY;
  private double largest = Double.NEGATIVE_INFINITY;
  private int longest;
  private int shortest = Integer.MAX_VALUE;
  private long badText;
  private TimeMarks times = new TimeMarks();
  private final Map<String, PatternMarks> patterns = new TreeMap<>();

  void see(@Nullable Object value, @Nullable RowPlace place) {
    switch (value) {
      case null -> mark(Trait.MISSING, place);
      case Collection<?> list when list.isEmpty() -> mark(Trait.MISSING, place);
      case Collection<?> list -> {
        length(list.size(), place);
        list.forEach(each -> element(each, place));
      }
      default -> element(value, place);
    }
  }

  private void length(int size, @Nullable RowPlace place) {
    TreeMap<Integer, Long> counts = lengths;
    if (counts != null) {
      counts.merge(size, 1L, Long::sum);
      lengths = counts.size() > MOST_LENGTHS ? null : counts;
    }
    if (size > longest) {
      longest = size;
      longestAt = place;
    }
    if (size < shortest) {
      shortest = size;
      shortestAt = place;
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
      case Boolean ignored -> mark(Trait.BOOLEAN, place);
      case null, default -> mark(Trait.OTHER, place);
    }
  }

  private void number(double value, @Nullable RowPlace place) {
    if (Double.isNaN(value)) {
      mark(Trait.NAN, place);
    } else if (Double.isInfinite(value)) {
      mark(Trait.INFINITE, place);
    } else {
      mark(Trait.NUMBER, place);
      if (value != Math.rint(value)) {
        mark(Trait.FRACTION, place);
      } else if (value == 0) {
        mark(Trait.ZERO, place);
      }
      if (value < 0) {
        mark(Trait.NEGATIVE, place);
      }
      if (value < smallest) {
        smallest = value;
        smallestAt = place;
      }
      if (value > largest) {
        largest = value;
        largestAt = place;
      }
    }
  }

  private void string(String value, @Nullable RowPlace place) {
    mark(Trait.STRING, place);
    if (value.indexOf(REPLACEMENT) >= 0) {
      badText++;
      mark(Trait.BAD_TEXT, place);
    }
    if (HabitChecks.isNothing(value)) {
      mark(Trait.NOTHING, place);
    }
    Map<String, RowPlace> known = strings;
    if (known != null && place != null && value.length() <= MOST_CHARS) {
      known.putIfAbsent(value, place);
      strings = known.size() > MOST_STRINGS ? null : known;
    }
  }

  private void mark(Trait trait, @Nullable RowPlace place) {
    if (place != null && kept[trait.ordinal()] < MOST_PLACES) {
      kept[trait.ordinal()]++;
      places.computeIfAbsent(trait, name -> new ArrayList<>(MOST_PLACES)).add(place);
    }
  }

  boolean wantsMissing() {
    return kept[Trait.MISSING.ordinal()] < MOST_PLACES;
  }

  void merge(ColumnMarks other) {
    other.places.forEach((trait, all) -> all.forEach(place -> mark(trait, place)));
    Map<String, RowPlace> mine = strings;
    Map<String, RowPlace> theirs = other.strings;
    if (mine == null || theirs == null) {
      strings = null;
    } else {
      theirs.forEach(mine::putIfAbsent);
      strings = mine.size() > MOST_STRINGS ? null : mine;
    }
    TreeMap<Integer, Long> counts = lengths;
    TreeMap<Integer, Long> more = other.lengths;
    if (counts == null || more == null) {
      lengths = null;
    } else {
      more.forEach((length, rows) -> counts.merge(length, rows, Long::sum));
      lengths = counts.size() > MOST_LENGTHS ? null : counts;
    }
    if (other.smallest < smallest) {
      smallest = other.smallest;
      smallestAt = other.smallestAt;
    }
    if (other.largest > largest) {
      largest = other.largest;
      largestAt = other.largestAt;
    }
    if (other.longest > longest) {
      longest = other.longest;
      longestAt = other.longestAt;
    }
    if (other.shortest < shortest) {
      shortest = other.shortest;
      shortestAt = other.shortestAt;
    }
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
    return text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS - 1) + "…";
  }

  /** Some rows that show a trait. */
  List<String> examples(Trait trait) {
    return texts(places.getOrDefault(trait, List.of()));
  }

  /** Some rows that have any value. */
  List<String> any() {
    return places.entrySet().stream()
        .filter(each -> each.getKey() != Trait.MISSING)
        .limit(1)
        .flatMap(each -> texts(each.getValue()).stream())
        .toList();
  }

  /** Rows with a string, or none where it is not known where they are. */
  List<String> examples(Collection<String> values) {
    Map<String, RowPlace> known = strings;
    if (known == null) {
      return List.of();
    }
    return texts(
        values.stream().filter(known::containsKey).map(known::get).limit(MOST_PLACES).toList());
  }

  /** The row with the smallest number. */
  List<String> smallest() {
    RowPlace at = smallestAt;
    return at == null ? List.of() : texts(List.of(at));
  }

  /** The row with the largest number. */
  List<String> largest() {
    RowPlace at = largestAt;
    return at == null ? List.of() : texts(List.of(at));
  }

  /** The row with the longest list. */
  List<String> longest() {
    RowPlace at = longestAt;
    return at == null ? List.of() : texts(List.of(at));
  }

  /** The row with the shortest list that has a value. */
  List<String> shortest() {
    RowPlace at = shortestAt;
    return at == null ? List.of() : texts(List.of(at));
  }

  /** A row with a list of another length, if the longest or the shortest is one. */
  List<String> anyLengthBut(int length) {
    return longest != length ? longest() : shortest != length ? shortest() : List.of();
  }

  private static List<String> texts(List<RowPlace> places) {
    return places.stream().map(RowPlace::toString).toList();
  }

  /** Strings that were no UTF-8. */
  long badText() {
    return badText;
  }

  /** Length of a list → rows with such a list; null where there are too many lengths. */
  @Nullable Map<Integer, Long> lengths() {
    TreeMap<Integer, Long> counts = lengths;
    return counts == null ? null : Map.copyOf(counts);
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(places.size());
    for (Map.Entry<Trait, List<RowPlace>> entry : places.entrySet()) {
      out.writeByte(entry.getKey().ordinal());
      out.writeByte(entry.getValue().size());
      for (RowPlace place : entry.getValue()) {
        write(out, place);
      }
    }
    Map<String, RowPlace> known = strings;
    out.writeInt(known == null ? -1 : known.size());
    for (Map.Entry<String, RowPlace> entry :
        known == null ? Map.<String, RowPlace>of().entrySet() : known.entrySet()) {
      out.writeUTF(entry.getKey());
      write(out, entry.getValue());
    }
    Map<Integer, Long> counts = lengths;
    out.writeInt(counts == null ? -1 : counts.size());
    for (Map.Entry<Integer, Long> entry :
        counts == null ? Map.<Integer, Long>of().entrySet() : counts.entrySet()) {
      out.writeInt(entry.getKey());
      out.writeLong(entry.getValue());
    }
    out.writeDouble(smallest);
    out.writeDouble(largest);
    out.writeInt(longest);
    out.writeLong(badText);
    for (RowPlace place : Arrays.asList(smallestAt, largestAt, longestAt)) {
      out.writeBoolean(place != null);
      if (place != null) {
        write(out, place);
      }
    }
    RowPlace least = shortestAt;
    out.writeInt(shortest);
    out.writeBoolean(least != null);
    if (least != null) {
      write(out, least);
    }
    times.write(out);
    out.writeByte(patterns.size());
    for (Map.Entry<String, PatternMarks> each : patterns.entrySet()) {
      out.writeUTF(each.getKey());
      each.getValue().write(out);
    }
  }

  /** At most {@value #MOST_PLACES} places. */
  static void write(DataOutput out, List<RowPlace> places) throws IOException {
    out.writeByte(places.size());
    for (RowPlace place : places) {
      write(out, place);
    }
  }

  /** What {@link #write(DataOutput, List)} wrote. */
  static List<RowPlace> places(DataInput in) throws IOException {
    List<RowPlace> places = new ArrayList<>(MOST_PLACES);
    for (int left = limited(in.readUnsignedByte(), MOST_PLACES); left > 0; left--) {
      places.add(place(in));
    }
    return places;
  }

  private static void write(DataOutput out, RowPlace place) throws IOException {
    out.writeInt(place.partition());
    out.writeLong(place.offset());
  }

  private static RowPlace place(DataInput in) throws IOException {
    return new RowPlace(in.readInt(), in.readLong());
  }

  private static @Nullable RowPlace placeOrNull(DataInput in) throws IOException {
    return in.readBoolean() ? place(in) : null;
  }

  /**
   * @param forms whether times and patterns were written, as they were not always
   */
  static ColumnMarks read(DataInput in, boolean forms) throws IOException {
    ColumnMarks marks = new ColumnMarks();
    int traits = in.readUnsignedByte();
    for (int i = 0; i < traits; i++) {
      Trait trait = TRAITS[limited(in.readUnsignedByte(), TRAITS.length - 1)];
      int count = in.readUnsignedByte();
      for (int j = 0; j < count; j++) {
        marks.mark(trait, place(in));
      }
    }
    marks.strings = strings(in);
    marks.lengths = lengths(in);
    marks.smallest = in.readDouble();
    marks.largest = in.readDouble();
    marks.longest = in.readInt();
    marks.badText = in.readLong();
    marks.smallestAt = placeOrNull(in);
    marks.largestAt = placeOrNull(in);
    marks.longestAt = placeOrNull(in);
    if (forms) {
      marks.shortest = in.readInt();
      marks.shortestAt = placeOrNull(in);
      marks.times = TimeMarks.read(in);
      for (int left = in.readUnsignedByte(); left > 0; left--) {
        marks.patterns.put(in.readUTF(), PatternMarks.read(in));
      }
    }
    return marks;
  }

  private static @Nullable Map<String, RowPlace> strings(DataInput in) throws IOException {
    int count = limited(in.readInt(), MOST_STRINGS);
    if (count < 0) {
      return null;
    }
    Map<String, RowPlace> strings = new HashMap<>();
    for (int i = 0; i < count; i++) {
      strings.put(in.readUTF(), place(in));
    }
    return strings;
  }

  private static @Nullable TreeMap<Integer, Long> lengths(DataInput in) throws IOException {
    int count = limited(in.readInt(), MOST_LENGTHS);
    if (count < 0) {
      return null;
    }
    TreeMap<Integer, Long> lengths = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      lengths.put(in.readInt(), in.readLong());
    }
    return lengths;
  }

  private static int limited(int value, int most) {
    if (value > most) {
      throw new IllegalArgumentException("column marks with " + value + " of at most " + most);
    }
    return value;
  }
}
