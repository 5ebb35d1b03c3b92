// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.datasketches.frequencies.ErrorType;
import org.apache.datasketches.frequencies.FrequentLongsSketch;
import org.apache.datasketches.hll.HllSketch;
import org.jspecify.annotations.Nullable;

/**
 * The strings of one column. As in {@link NumberSketch}, a direct-mapped table counts repeats of
 * recent values before they reach the sketches. Counts are kept by 64-bit hash, four times as many
 * as strings would allow in the same memory; the text itself only of the {@value #NAMES} values
 * with the largest counts, and of long strings only the beginning, so memory depends neither on how
 * many values there are nor on how long they are.
 */
final class TextSketch {
  /** Characters of a long string that its name keeps. */
  static final int KEPT_CHARS = 64;

  /** Values whose text is kept. */
  static final int NAMES = 128;

  /**
   * What the kept texts may take, in bytes: enough for {@value #NAMES} of any length in Latin
   * letters, at least half of them in others.
   */
  static final int NAME_BYTES = NAMES * (KEPT_CHARS + 20);

  private static final int NAMES_AFTER_PRUNING = 96;
  private static final int NAME_BYTES_AFTER_PRUNING = NAME_BYTES / 4 * 3;
  private static final int SLOT_BITS = 6;
  private static final int SLOTS = 1 << SLOT_BITS;

  /** Longer strings are not worth a slot: they would take more than the sketches. */
  private static final int SLOT_CHARS = 40;

  private final @Nullable String[] slotKeys = new String[SLOTS];
  private final int[] slotCounts = new int[SLOTS];
  private final HllSketch distinct;
  private final Moments lengths;
  private FrequentLongsSketch counts;
  private final Map<Long, String> names;
  private int nameBytes;
  // Only values counted more often than this are worth a name; 0 until names had to be dropped.
  private long admission;
  private long empty;
  private int minLength = Integer.MAX_VALUE;
  private int maxLength;

  TextSketch(HllSketch distinct) {
    this(
        distinct,
        new Moments(),
        new FrequentLongsSketch(ColumnProfile.FREQUENT_MAP_SIZE),
        new HashMap<>());
  }

  private TextSketch(
      HllSketch distinct, Moments lengths, FrequentLongsSketch counts, Map<Long, String> names) {
    this.distinct = distinct;
    this.lengths = lengths;
    this.counts = counts;
    this.names = names;
    for (String name : names.values()) {
      nameBytes += bytes(name);
    }
  }

  void add(String value) {
    if (value.length() > SLOT_CHARS) {
      long hash = hash(value);
      String name = value.length() > KEPT_CHARS ? shortened(value, hash) : value;
      record(name, hash, value.length(), 1);
      return;
    }
    int slot = (value.hashCode() * 0x9E3779B9) >>> (Integer.SIZE - SLOT_BITS);
    String key = slotKeys[slot];
    if (key != null) {
      if (key.equals(value) && slotCounts[slot] < Integer.MAX_VALUE) {
        slotCounts[slot]++;
        return;
      }
      record(key, hash(key), key.length(), slotCounts[slot]);
    }
    slotKeys[slot] = value;
    slotCounts[slot] = 1;
  }

  /** The name that a value goes by among the heavy hitters. */
  static String nameOf(String value) {
    return value.length() > KEPT_CHARS ? shortened(value, hash(value)) : value;
  }

  static String shortened(String value) {
    return shortened(value, hash(value));
  }

  private static String shortened(String value, long hash) {
    return value.substring(0, KEPT_CHARS) + "~#" + Long.toHexString(hash);
  }

  /** Multiply and mix per character; two strings collide with probability about 2^−64. */
  private static long hash(String value) {
    long hash = 0x9E3779B97F4A7C15L ^ value.length();
    for (int i = 0; i < value.length(); i++) {
      hash = (hash ^ value.charAt(i)) * 0xBF58476D1CE4E5B9L;
      hash ^= hash >>> 31;
    }
    hash *= 0x94D049BB133111EBL;
    return hash ^ (hash >>> 29);
  }

  private void record(String name, long hash, int length, int count) {
    lengths.add(length, count);
    minLength = Math.min(minLength, length);
    maxLength = Math.max(maxLength, length);
    empty += length == 0 ? count : 0;
    distinct.update(hash);
    long errorBefore = counts.getMaximumError();
    counts.update(hash, count);
    // A purge lowers every counter by the same amount, and so the bar for a name.
    admission = Math.max(0, admission - (counts.getMaximumError() - errorBefore));
    if (admission == 0 || counts.getLowerBound(hash) > admission) {
      if (names.putIfAbsent(hash, name) == null) {
        nameBytes += bytes(name);
        pruneWhenFull();
      }
    }
  }

  private void pruneWhenFull() {
    if (names.size() <= NAMES && nameBytes <= NAME_BYTES) {
      return;
    }
    List<Long> byCount = new ArrayList<>(names.keySet());
    byCount.sort(Comparator.comparingLong(counts::getLowerBound).reversed());
    while (byCount.size() > NAMES_AFTER_PRUNING || nameBytes > NAME_BYTES_AFTER_PRUNING) {
      String dropped = names.remove(byCount.removeLast());
      nameBytes -= dropped == null ? 0 : bytes(dropped);
    }
    admission = Math.max(1, counts.getLowerBound(byCount.getLast()));
  }

  /** What the text takes in memory: a byte a character unless one is beyond Latin-1. */
  private static int bytes(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) > 0xFF) {
        return 2 * name.length();
      }
    }
    return name.length();
  }

  /** Goes on with this many counters at most, of which three quarters are exact. */
  void narrow(int mapSize) {
    counts = ProfileBytes.narrowed(counts, mapSize);
  }

  void settle() {
    for (int slot = 0; slot < SLOTS; slot++) {
      String key = slotKeys[slot];
      if (key != null) {
        record(key, hash(key), key.length(), slotCounts[slot]);
        slotKeys[slot] = null;
      }
    }
  }

  void merge(TextSketch other) {
    lengths.merge(other.lengths);
    counts.merge(other.counts);
    other.names.forEach(
        (hash, name) -> nameBytes += names.putIfAbsent(hash, name) == null ? bytes(name) : 0);
    pruneWhenFull();
    // What either side counted without a name may together be more than each side's bar.
    admission = mostWithoutName();
    minLength = Math.min(minLength, other.minLength);
    maxLength = Math.max(maxLength, other.maxLength);
    empty += other.empty;
  }

  private long mostWithoutName() {
    long most = 0;
    for (FrequentLongsSketch.Row row : counts.getFrequentItems(0, ErrorType.NO_FALSE_NEGATIVES)) {
      if (row.getLowerBound() > most && !names.containsKey(row.getItem())) {
        most = row.getLowerBound();
      }
    }
    return most;
  }

  TextSketch onto(HllSketch replacement) {
    TextSketch moved = new TextSketch(replacement, lengths, counts, names);
    moved.minLength = minLength;
    moved.maxLength = maxLength;
    moved.empty = empty;
    moved.admission = admission;
    return moved;
  }

  Moments lengths() {
    return lengths;
  }

  int minLength() {
    return minLength;
  }

  int maxLength() {
    return maxLength;
  }

  long empty() {
    return empty;
  }

  /** What an unlisted value can have occurred at most. */
  long frequentError() {
    return counts.getMaximumError() + admission;
  }

  List<HeavyHitter> frequent() {
    List<HeavyHitter> found = new ArrayList<>();
    for (FrequentLongsSketch.Row row : counts.getFrequentItems(0, ErrorType.NO_FALSE_NEGATIVES)) {
      String name = names.get(row.getItem());
      if (name != null) {
        found.add(
            new HeavyHitter(name, row.getEstimate(), row.getLowerBound(), row.getUpperBound()));
      }
    }
    return found;
  }

  void write(DataOutput out) throws IOException {
    lengths.write(out);
    out.writeInt(minLength);
    out.writeInt(maxLength);
    out.writeLong(empty);
    out.writeLong(admission);
    ProfileBytes.writeBlock(out, counts.toByteArray());
    out.writeInt(names.size());
    for (Map.Entry<Long, String> name : names.entrySet()) {
      out.writeLong(name.getKey());
      out.writeUTF(name.getValue());
    }
  }

  static TextSketch read(DataInput in, HllSketch distinct) throws IOException {
    Moments lengths = Moments.read(in);
    int minLength = in.readInt();
    int maxLength = in.readInt();
    long empty = in.readLong();
    long admission = in.readLong();
    MemorySegment block = MemorySegment.ofArray(ProfileBytes.readBlock(in));
    Map<Long, String> names = new HashMap<>();
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      names.put(in.readLong(), in.readUTF());
    }
    TextSketch sketch =
        new TextSketch(distinct, lengths, FrequentLongsSketch.getInstance(block), names);
    sketch.minLength = minLength;
    sketch.maxLength = maxLength;
    sketch.empty = empty;
    sketch.admission = admission;
    return sketch;
  }
}
