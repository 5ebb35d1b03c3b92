// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.apache.datasketches.frequencies.ErrorType;
import org.apache.datasketches.frequencies.FrequentLongsSketch;
import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.kll.KllDoublesSketch;
import org.apache.datasketches.quantilescommon.DoublesSketchSortedView;

/**
 * The finite numbers of one column. A small direct-mapped table counts repeats of recent values, so
 * that a value seen a hundred times in a row costs the sketches one weighted update; real columns
 * (quantities, prices, codes) repeat a lot. Everything read first empties the table.
 */
final class NumberSketch {
  private static final int SLOTS = 256;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final long[] slotBits = new long[SLOTS];
  private final int[] slotCounts = new int[SLOTS];
  private final HllSketch distinct;
  private final Moments moments;
  private final KllDoublesSketch quantiles;
  private FrequentLongsSketch frequent;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private long integral;
  private long zeros;
  private long negatives;

  NumberSketch(HllSketch distinct) {
    this(
        distinct,
        new Moments(),
        KllDoublesSketch.newHeapInstance(ColumnProfile.QUANTILE_K),
        new FrequentLongsSketch(ColumnProfile.FREQUENT_MAP_SIZE));
  }

  private NumberSketch(
      HllSketch distinct,
      Moments moments,
      KllDoublesSketch quantiles,
      FrequentLongsSketch frequent) {
    this.distinct = distinct;
    this.moments = moments;
    this.quantiles = quantiles;
    this.frequent = frequent;
  }

  void add(double finite) {
    double value = finite + 0.0; // −0.0 counts as 0.0
    long bits = Double.doubleToRawLongBits(value);
    int slot = (int) ((bits * GOLDEN) >>> 56);
    int pending = slotCounts[slot];
    if (pending > 0) {
      if (slotBits[slot] == bits && pending < Integer.MAX_VALUE) {
        slotCounts[slot] = pending + 1;
        return;
      }
      spill(slotBits[slot], pending);
    }
    slotBits[slot] = bits;
    slotCounts[slot] = 1;
  }

  private void spill(long bits, int count) {
    double value = Double.longBitsToDouble(bits);
    moments.add(value, count);
    min = Math.min(min, value);
    max = Math.max(max, value);
    if (value == Math.rint(value)) {
      integral += count;
      zeros += value == 0 ? count : 0;
    }
    negatives += value < 0 ? count : 0;
    quantiles.update(value, count);
    frequent.update(bits, count);
    distinct.update(bits);
  }

  void settle() {
    for (int slot = 0; slot < SLOTS; slot++) {
      if (slotCounts[slot] > 0) {
        spill(slotBits[slot], slotCounts[slot]);
        slotCounts[slot] = 0;
      }
    }
  }

  /** Both sides settled; the distinct sketch is merged by the column. */
  void merge(NumberSketch other) {
    moments.merge(other.moments);
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
    integral += other.integral;
    zeros += other.zeros;
    negatives += other.negatives;
    quantiles.merge(other.quantiles);
    frequent.merge(other.frequent);
  }

  /** Goes on with this many counters at most, of which three quarters are exact. */
  void narrow(int mapSize) {
    frequent = ProfileBytes.narrowed(frequent, mapSize);
  }

  NumberSketch onto(HllSketch replacement) {
    NumberSketch moved = new NumberSketch(replacement, moments, quantiles, frequent);
    moved.min = min;
    moved.max = max;
    moved.integral = integral;
    moved.zeros = zeros;
    moved.negatives = negatives;
    return moved;
  }

  Moments moments() {
    return moments;
  }

  double min() {
    return min;
  }

  double max() {
    return max;
  }

  long integral() {
    return integral;
  }

  long zeros() {
    return zeros;
  }

  long negatives() {
    return negatives;
  }

  /** Of the rank of any one value; a share between two values may be off by a fourth more. */
  double rankError() {
    return quantiles.isEstimationMode() ? quantiles.getNormalizedRankError(false) : 0;
  }

  EmpiricalCdf cdf() {
    if (quantiles.isEmpty()) {
      return EmpiricalCdf.of();
    }
    // Of a copy, because a sketch keeps the view that it gives, and that is twice its own size.
    KllDoublesSketch copy =
        KllDoublesSketch.heapify(MemorySegment.ofArray(quantiles.toByteArray()));
    DoublesSketchSortedView view = (DoublesSketchSortedView) copy.getSortedView();
    long[] ranks = view.getCumulativeWeights();
    double[] cumulative = new double[ranks.length];
    for (int i = 0; i < ranks.length; i++) {
      cumulative[i] = ranks[i];
    }
    return EmpiricalCdf.compact(view.getQuantiles(), cumulative, quantiles.getN(), rankError());
  }

  long frequentError() {
    return frequent.getMaximumError();
  }

  List<HeavyHitter> frequent() {
    List<HeavyHitter> found = new ArrayList<>();
    for (FrequentLongsSketch.Row row : frequent.getFrequentItems(0, ErrorType.NO_FALSE_NEGATIVES)) {
      found.add(
          new HeavyHitter(
              text(Double.longBitsToDouble(row.getItem())),
              row.getEstimate(),
              row.getLowerBound(),
              row.getUpperBound()));
    }
    return found;
  }

  /** Whole numbers without a fraction, so that 3 and 3.0 read the same from every source. */
  static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  void write(DataOutput out) throws IOException {
    moments.write(out);
    out.writeDouble(min);
    out.writeDouble(max);
    out.writeLong(integral);
    out.writeLong(zeros);
    out.writeLong(negatives);
    ProfileBytes.writeBlock(out, quantiles.toByteArray());
    ProfileBytes.writeBlock(out, frequent.toByteArray());
  }

  static NumberSketch read(DataInput in, HllSketch distinct) throws IOException {
    Moments moments = Moments.read(in);
    double min = in.readDouble();
    double max = in.readDouble();
    long integral = in.readLong();
    long zeros = in.readLong();
    long negatives = in.readLong();
    NumberSketch sketch =
        new NumberSketch(
            distinct,
            moments,
            KllDoublesSketch.heapify(MemorySegment.ofArray(ProfileBytes.readBlock(in))),
            FrequentLongsSketch.getInstance(MemorySegment.ofArray(ProfileBytes.readBlock(in))));
    sketch.min = min;
    sketch.max = max;
    sketch.integral = integral;
    sketch.zeros = zeros;
    sketch.negatives = negatives;
    return sketch;
  }
}
