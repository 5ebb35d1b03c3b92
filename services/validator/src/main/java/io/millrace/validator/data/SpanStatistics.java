// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.stats.profile.DatasetProfile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the rows of one span, or of a part of them: a profile, how often each rule was
 * asked and broken, and the event times covered. Mergeable in any order and grouping. Not
 * thread-safe.
 */
public final class SpanStatistics {
  /** Columns that are profiled; further ones are only counted. */
  public static final int MAX_COLUMNS = 1_000;

  /** 1 had no marks, 2 none of the form of values, 3 did not know how late rows came. */
  private static final int FORMAT = 4;

  private static final int MAX_RULES = 10_000;

  private final DatasetProfile profile;
  private final RowMarks marks;
  private final Map<String, RuleCount> ruleCounts = new TreeMap<>();
  private long minMs = Long.MAX_VALUE;
  private long maxMs = Long.MIN_VALUE;
  private long delays;
  private double delayLogs;

  /** Nothing seen. */
  public SpanStatistics() {
    this(new DatasetProfile(MAX_COLUMNS), new RowMarks(MAX_COLUMNS));
  }

  private SpanStatistics(DatasetProfile profile, RowMarks marks) {
    this.profile = profile;
    this.marks = marks;
  }

  /**
   * How often a rule was asked and broken.
   *
   * @param asked rows on which it was defined
   * @param broken rows on which it was false
   */
  public record RuleCount(long asked, long broken) {
    RuleCount plus(RuleCount other) {
      return new RuleCount(asked + other.asked, broken + other.broken);
    }
  }

  /**
   * Takes one row.
   *
   * @param slice part of the span that it lies in: see {@link EventFacts#slice}
   * @param place where it came from; null where nobody will ask
   */
  public void add(
      long eventTimeMs,
      int slice,
      Map<String, ? extends @Nullable Object> row,
      RowRules rules,
      @Nullable RowPlace place) {
    add(eventTimeMs, slice, row, rules, PatternBook.Patterns.NONE, place);
  }

  /**
   * Takes one row, and holds its strings against patterns.
   *
   * @param slice part of the span that it lies in: see {@link EventFacts#slice}
   * @param place where it came from; null where nobody will ask
   */
  public void add(
      long eventTimeMs,
      int slice,
      Map<String, ? extends @Nullable Object> row,
      RowRules rules,
      PatternBook.Patterns patterns,
      @Nullable RowPlace place) {
    profile.update(row);
    marks.see(row, slice, place);
    marks.match(row, patterns, place);
    minMs = Math.min(minMs, eventTimeMs);
    maxMs = Math.max(maxMs, eventTimeMs);
    for (String name : rules.names()) {
      Boolean holds = rules.holds(name, row);
      if (holds != null) {
        ruleCounts.merge(name, new RuleCount(1, holds ? 0 : 1), RuleCount::plus);
        if (!holds) {
          marks.breaks(name, place);
        }
      }
    }
  }

  /**
   * Takes how long after its event a row was known.
   *
   * @param delayMs what is below 0 counts as 0: clocks differ
   */
  public void delayed(long delayMs) {
    delays++;
    delayLogs += Math.log1p((double) Math.max(0, delayMs));
  }

  /** Adds all rows that the other has seen; the other keeps its content. */
  public void merge(SpanStatistics other) {
    profile.merge(other.profile);
    marks.merge(other.marks);
    other.ruleCounts.forEach((name, count) -> ruleCounts.merge(name, count, RuleCount::plus));
    minMs = Math.min(minMs, other.minMs);
    maxMs = Math.max(maxMs, other.maxMs);
    delays += other.delays;
    delayLogs += other.delayLogs;
  }

  public long rows() {
    return profile.rows();
  }

  /** Earliest event time; Long.MAX_VALUE when empty. */
  public long minMs() {
    return minMs;
  }

  /** Latest event time; Long.MIN_VALUE when empty. */
  public long maxMs() {
    return maxMs;
  }

  /**
   * How long after its event a row was known, in milliseconds, as a geometric mean, so that a few
   * very late ones do not decide; null where that is not known.
   */
  @Nullable Double delayMs() {
    return delays == 0 ? null : (Double) Math.expm1(delayLogs / delays);
  }

  /** The live profile of the columns. */
  public DatasetProfile profile() {
    return profile;
  }

  /** What the profile does not keep. */
  RowMarks marks() {
    return marks;
  }

  /** By rule name. */
  public Map<String, RuleCount> ruleCounts() {
    return Map.copyOf(ruleCounts);
  }

  /** The whole state, versioned. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(8192);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeLong(minMs);
      out.writeLong(maxMs);
      out.writeLong(delays);
      out.writeDouble(delayLogs);
      out.writeInt(ruleCounts.size());
      for (Map.Entry<String, RuleCount> entry : ruleCounts.entrySet()) {
        out.writeUTF(entry.getKey());
        out.writeLong(entry.getValue().asked());
        out.writeLong(entry.getValue().broken());
      }
      byte[] state = profile.toBytes();
      out.writeInt(state.length);
      out.write(state);
      marks.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Restores {@link #toBytes}.
   *
   * @throws IllegalArgumentException where the bytes are not such a state
   */
  public static SpanStatistics fromBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format < 1 || format > FORMAT) {
        throw new IllegalArgumentException("unknown format of span statistics: " + format);
      }
      long minMs = in.readLong();
      long maxMs = in.readLong();
      long delays = format > 3 ? in.readLong() : 0;
      double delayLogs = format > 3 ? in.readDouble() : 0;
      int rules = in.readInt();
      if (rules < 0 || rules > MAX_RULES) {
        throw new IllegalArgumentException("span statistics with " + rules + " rules");
      }
      Map<String, RuleCount> counts = new TreeMap<>();
      for (int i = 0; i < rules; i++) {
        counts.put(in.readUTF(), new RuleCount(in.readLong(), in.readLong()));
      }
      int length = in.readInt();
      if (length < 0 || length > in.available()) {
        throw new IllegalArgumentException("span statistics are cut off");
      }
      SpanStatistics statistics =
          new SpanStatistics(
              DatasetProfile.fromBytes(in.readNBytes(length)),
              format == 1 ? new RowMarks(MAX_COLUMNS) : RowMarks.read(in, MAX_COLUMNS, format > 2));
      statistics.minMs = minMs;
      statistics.maxMs = maxMs;
      statistics.delays = delays;
      statistics.delayLogs = delayLogs;
      statistics.ruleCounts.putAll(counts);
      return statistics;
    } catch (IOException e) {
      throw new IllegalArgumentException("not span statistics: " + e.getMessage(), e);
    }
  }
}
