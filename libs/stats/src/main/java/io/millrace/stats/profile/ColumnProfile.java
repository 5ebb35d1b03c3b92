// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.hll.HllUnion;
import org.apache.datasketches.hll.TgtHllType;
import org.jspecify.annotations.Nullable;

/**
 * Everything worth knowing of one column, gathered in one pass and mergeable: merging the profiles
 * of any split of the rows gives counts exactly, moments to rounding, and quantiles, distinct and
 * frequent values within their stated errors. It takes at most 64 KiB of heap, whatever the column
 * holds.
 *
 * <p>Accuracy: quantile ranks within {@link #rankError()} (Karnin, Lang, Liberty, "Optimal quantile
 * approximation in streams", 2016; k = {@value #QUANTILE_K}, 0.68 % at 99 % confidence, exact for a
 * few hundred values); distinct within about 1.6 % (one standard error; HyperLogLog with 2^12
 * registers); frequent values within the bounds that each carries (Misra-Gries as in Anderson et
 * al., "A high-performance algorithm for identifying frequent items", 2017; exact and complete up
 * to 128 distinct strings, half as many where letters beyond Latin-1 make them long, and 768
 * distinct numbers; a column that mixes the two halves the counters of each). The quantile sketch
 * draws random bits, so two passes over the same large column agree within its error, not bit for
 * bit; everything else is deterministic for the same order of rows.
 *
 * <p>Numbers are doubles: integers beyond ±2^53 lose their last digits. Not thread-safe; reading
 * counts as writing, because pending updates are settled first.
 */
public final class ColumnProfile {
  /** Accuracy parameter of the quantile sketch. */
  public static final int QUANTILE_K = 400;

  /** Size of the tables of frequent values; three quarters of it are counted exactly. */
  public static final int FREQUENT_MAP_SIZE = 1024;

  /** Ranks that a summary lists. */
  public static final List<Double> SUMMARY_RANKS =
      List.of(0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99);

  private static final int DISTINCT_LG_K = 12;
  private static final int SUMMARY_HITTERS = 20;
  private static final double Z95 = 2;

  private ColumnCounts counts = new ColumnCounts();
  private HllSketch distinct = new HllSketch(DISTINCT_LG_K, TgtHllType.HLL_8);
  private @Nullable NumberSketch numeric;
  private @Nullable TextSketch text;

  /** Observes a row whose value is this number. */
  public void update(double value) {
    counts.one();
    number(value);
  }

  /** Observes a row whose value is this string; null is a missing value. */
  public void update(@Nullable String value) {
    if (value == null) {
      updateMissing();
      return;
    }
    counts.one();
    string(value);
  }

  /** Observes a row whose value is this boolean. */
  public void update(boolean value) {
    counts.one();
    counts.bool(value);
  }

  /** Observes a row without a value. */
  public void updateMissing() {
    counts.missing(1);
  }

  /** Observes {@code count} rows without a value. */
  public void updateMissing(long count) {
    if (count < 0) {
      throw new IllegalArgumentException("count must not be negative, was " + count);
    }
    counts.missing(count);
  }

  /**
   * Observes a row by the type of its value: null is missing; numbers, booleans, characters,
   * strings and enum names count as such; a collection or an array of doubles counts each of its
   * elements as a value of the same row (an empty one is missing); anything else is an "other".
   */
  public void update(@Nullable Object value) {
    switch (value) {
      case null -> updateMissing();
      case Collection<?> list when list.isEmpty() -> updateMissing();
      case double[] list when list.length == 0 -> updateMissing();
      case Collection<?> list -> {
        counts.list(list.size());
        list.forEach(this::element);
      }
      case double[] list -> {
        counts.list(list.length);
        for (double each : list) {
          number(each);
        }
      }
      default -> {
        counts.one();
        element(value);
      }
    }
  }

  private void element(@Nullable Object value) {
    switch (value) {
      case Number number -> number(number.doubleValue());
      case Boolean bool -> counts.bool(bool);
      case CharSequence chars -> string(chars.toString());
      case Character character -> string(character.toString());
      case Enum<?> constant -> string(constant.name());
      case null, default -> counts.others++;
    }
  }

  private void number(double value) {
    if (Double.isFinite(value)) {
      counts.numbers++;
      NumberSketch sketch = numeric;
      if (sketch == null) {
        sketch = new NumberSketch(distinct);
        numeric = sketch;
        shareCounters();
      }
      sketch.add(value);
    } else {
      counts.notFinite(value);
    }
  }

  private void string(String value) {
    counts.strings++;
    TextSketch sketch = text;
    if (sketch == null) {
      sketch = new TextSketch(distinct);
      text = sketch;
      shareCounters();
    }
    sketch.add(value);
  }

  /** A column of numbers and strings has as many counters of frequent values as any other. */
  private void shareCounters() {
    if (numeric != null && text != null) {
      numeric.narrow(FREQUENT_MAP_SIZE / 2);
      text.narrow(FREQUENT_MAP_SIZE / 2);
    }
  }

  /**
   * Adds all rows that the other has seen. The other keeps its content.
   *
   * @throws IllegalArgumentException if asked to merge with itself
   * @throws ArithmeticException if both together have more rows than a long can count
   */
  public void merge(ColumnProfile other) {
    if (other == this) {
      throw new IllegalArgumentException("a profile cannot be merged with itself");
    }
    counts.requireRoomFor(other.counts);
    settle();
    other.settle();
    counts.merge(other.counts);
    HllUnion union = new HllUnion(DISTINCT_LG_K);
    union.update(distinct);
    union.update(other.distinct);
    distinct = union.getResult(TgtHllType.HLL_8);
    NumberSketch mine = numeric == null ? null : numeric.onto(distinct);
    if (other.numeric != null) {
      mine = mine == null ? new NumberSketch(distinct) : mine;
      mine.merge(other.numeric);
    }
    numeric = mine;
    TextSketch words = text == null ? null : text.onto(distinct);
    if (other.text != null) {
      words = words == null ? new TextSketch(distinct) : words;
      words.merge(other.text);
    }
    text = words;
    shareCounters();
  }

  /** An independent copy. */
  public ColumnProfile copy() {
    ColumnProfile copy = new ColumnProfile();
    copy.merge(this);
    return copy;
  }

  private void settle() {
    if (numeric != null) {
      numeric.settle();
    }
    if (text != null) {
      text.settle();
    }
  }

  /** What the column holds, judged from the values seen so far. */
  public ColumnKind kind() {
    return counts.kind();
  }

  /** Rows observed, missing ones included. */
  public long rows() {
    return counts.rows;
  }

  /** Rows without a value. */
  public long missing() {
    return counts.missing;
  }

  /** Single values observed. */
  public long values() {
    return counts.values;
  }

  /** Finite numbers among the values. */
  public long numbers() {
    return counts.numbers;
  }

  /** Strings among the values. */
  public long strings() {
    return counts.strings;
  }

  /** Booleans among the values. */
  public long booleans() {
    return counts.trues + counts.falses;
  }

  /** How many observations fell in each class; empty classes included, in a fixed order. */
  public Map<String, Long> composition() {
    return counts.composition();
  }

  /** Moments of the finite numbers; a copy. */
  public Moments moments() {
    settle();
    Moments copy = new Moments();
    if (numeric != null) {
      copy.merge(numeric.moments());
    }
    return copy;
  }

  /** Smallest finite number; NaN when there is none. */
  public double min() {
    settle();
    return numeric == null || counts.numbers == 0 ? Double.NaN : numeric.min();
  }

  /** Largest finite number; NaN when there is none. */
  public double max() {
    settle();
    return numeric == null || counts.numbers == 0 ? Double.NaN : numeric.max();
  }

  /** The cumulative distribution of the finite numbers. */
  public EmpiricalCdf cdf() {
    settle();
    return numeric == null ? EmpiricalCdf.of() : numeric.cdf();
  }

  /** The quantile of the finite numbers at a rank within [0, 1]; NaN when there is none. */
  public double quantile(double rank) {
    return cdf().quantile(rank);
  }

  /** Bound of the error of quantile ranks (99 % confidence), as a share; 0 while exact. */
  public double rankError() {
    settle();
    return numeric == null ? 0 : numeric.rankError();
  }

  /** Estimated number of distinct values, booleans included. */
  public double distinct() {
    settle();
    return distinct.getEstimate() + counts.distinctBooleans();
  }

  /**
   * The most frequent values of all types, most frequent first, ties by value.
   *
   * @param limit at most this many; of strings no more than 128 are kept by name
   */
  public List<HeavyHitter> heavyHitters(int limit) {
    settle();
    List<HeavyHitter> all = new ArrayList<>();
    if (numeric != null) {
      all.addAll(numeric.frequent());
    }
    if (text != null) {
      all.addAll(text.frequent());
    }
    if (counts.trues > 0) {
      all.add(new HeavyHitter("true", counts.trues, counts.trues, counts.trues));
    }
    if (counts.falses > 0) {
      all.add(new HeavyHitter("false", counts.falses, counts.falses, counts.falses));
    }
    all.sort(
        Comparator.comparingLong(HeavyHitter::count).reversed().thenComparing(HeavyHitter::value));
    return List.copyOf(all.subList(0, Math.min(limit, all.size())));
  }

  /**
   * The name that a string goes by among the heavy hitters: itself, or for a long one its beginning
   * and a hash of the whole.
   */
  public static String nameOf(String value) {
    return TextSketch.nameOf(value);
  }

  /**
   * What a value that is not among the heavy hitters can have occurred at most, and a bound of the
   * error of their counts; 0 while all values are listed with exact counts.
   */
  public long heavyHitterError() {
    settle();
    long error = numeric == null ? 0 : numeric.frequentError();
    return text == null ? error : Math.max(error, text.frequentError());
  }

  /** The readable figures. */
  public ProfileSummary summary() {
    settle();
    Moments moments = moments();
    EmpiricalCdf cdf = cdf();
    Map<String, Double> quantiles = new LinkedHashMap<>();
    if (cdf.count() > 0) {
      SUMMARY_RANKS.forEach(rank -> quantiles.put(rank.toString(), cdf.quantile(rank)));
    }
    NumberSketch n = numeric;
    TextSketch t = text;
    ColumnCounts c = counts;
    int booleanValues = c.distinctBooleans();
    return new ProfileSummary(
        kind(),
        c.rows,
        c.missing,
        c.values,
        c.numbers,
        c.nan,
        c.positiveInfinity,
        c.negativeInfinity,
        c.strings,
        c.trues + c.falses,
        c.trues,
        c.others,
        n == null ? 0 : n.integral(),
        n == null ? 0 : n.zeros(),
        n == null ? 0 : n.negatives(),
        finite(min()),
        finite(max()),
        finite(moments.mean()),
        finite(moments.variance()),
        finite(moments.standardDeviation()),
        finite(moments.skewness()),
        finite(moments.kurtosis()),
        quantiles,
        cdf.rankError(),
        distinct(),
        distinct.getLowerBound((int) Z95) + booleanValues,
        distinct.getUpperBound((int) Z95) + booleanValues,
        heavyHitters(SUMMARY_HITTERS),
        heavyHitterError(),
        t == null ? 0 : t.empty(),
        t == null ? null : (Integer) t.minLength(),
        t == null ? null : (Integer) t.maxLength(),
        t == null ? null : finite(t.lengths().mean()),
        c.values == 0 ? null : (Integer) c.minValency,
        c.values == 0 ? null : (Integer) c.maxValency);
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }

  /** The whole state, compact and versioned; {@link #fromBytes} restores it. */
  public byte[] toBytes() {
    settle();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(ProfileBytes.FORMAT);
      counts.write(out);
      ProfileBytes.writeBlock(out, distinct.toCompactByteArray());
      out.writeBoolean(numeric != null);
      if (numeric != null) {
        numeric.write(out);
      }
      out.writeBoolean(text != null);
      if (text != null) {
        text.write(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return ProfileBytes.sealed(bytes.toByteArray());
  }

  /**
   * Restores a profile.
   *
   * @throws IllegalArgumentException if the bytes are damaged or of no known version
   */
  public static ColumnProfile fromBytes(byte[] bytes) {
    ColumnProfile profile = new ColumnProfile();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format != ProfileBytes.FORMAT && format != ProfileBytes.UNCHECKED_FORMAT) {
        throw new IllegalArgumentException("unknown column profile format " + format);
      }
      if (format == ProfileBytes.FORMAT && !ProfileBytes.intact(bytes)) {
        throw new IllegalArgumentException("damaged: the checksum differs");
      }
      profile.counts = ColumnCounts.read(in);
      profile.distinct = HllSketch.heapify(ProfileBytes.readBlock(in));
      profile.numeric = in.readBoolean() ? NumberSketch.read(in, profile.distinct) : null;
      profile.text = in.readBoolean() ? TextSketch.read(in, profile.distinct) : null;
      profile.shareCounters();
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException("not a column profile: " + e.getMessage(), e);
    }
    return profile;
  }
}
