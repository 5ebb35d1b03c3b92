// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.distance.Divergence;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.test.ColumnBins;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * HDDDM, Hellinger distance drift detection: compares each batch of rows with all rows since the
 * last drift, column by column, and takes the mean of the Hellinger distances. Drift when it moves
 * from one batch to the next by more than it usually does: mean plus γ deviations of the earlier
 * moves. Source: Ditzler and Polikar, "Hellinger distance based drift detection for nonstationary
 * environments", IEEE CIDUE 2011.
 *
 * <p>Variant: batches come as profiles, so no row is kept; √n bins (at most {@value #MOST_BINS}) of
 * equal shares of the reference, where the paper cuts equal widths, because one outlier would
 * otherwise put all rows into one bin; the distance is in [0, 1], the paper's divided by √2;
 * missing and odd values count as categories; the first {@value #LEAST_MOVES} moves are only
 * learned from.
 *
 * <p>Blind by design to what leaves every single column as it was, and to a change that keeps its
 * pace. Memory of one profile; cost of comparing two. Not thread-safe. Not calibrated: see {@code
 * DatasetDrift} for a comparison whose level holds.
 */
public final class HellingerDrift {
  /** Name of the algorithm. */
  public static final String NAME = "hdddm";

  private static final int FORMAT = 1;
  private static final int MOST_BINS = 50;
  private static final int LEAST_MOVES = 3;

  private final double gamma;
  private double moves;
  private double meanMove;
  private double squares;
  private @Nullable DatasetProfile reference;
  private double distance = Double.NaN;
  private Map<String, Double> distances = Map.of();
  private DetectorState state = DetectorState.STABLE;

  /** γ = 3. */
  public HellingerDrift() {
    this(3);
  }

  /** With another number of deviations, positive; the paper tries 0.5 to 2. */
  public HellingerDrift(double gamma) {
    if (!(gamma > 0)) {
      throw new IllegalArgumentException("gamma must be positive, was " + gamma);
    }
    this.gamma = gamma;
  }

  /**
   * Takes the next batch; it is copied. An empty one changes nothing. A column that only one side
   * has counts as missing in every row of the other.
   */
  public DetectorState update(DatasetProfile batch) {
    if (batch.rows() == 0) {
      return state;
    }
    DatasetProfile known = reference;
    if (known == null) {
      reference = batch.copy();
      state = DetectorState.STABLE;
      return state;
    }
    distances = compare(known, batch);
    double before = distance;
    distance = distances.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
    double move = Math.abs(distance - before);
    if (!Double.isNaN(before)
        && moves >= LEAST_MOVES
        && move > meanMove + gamma * Math.sqrt(squares / (moves - 1))) {
      state = DetectorState.DRIFT;
      reference = batch.copy();
      distance = Double.NaN;
      moves = 0;
      meanMove = 0;
      squares = 0;
      return state;
    }
    if (!Double.isNaN(before)) {
      moves++;
      double miss = move - meanMove;
      meanMove += miss / moves;
      squares += miss * (move - meanMove);
    }
    state = DetectorState.STABLE;
    known.merge(batch);
    return state;
  }

  private static Map<String, Double> compare(DatasetProfile reference, DatasetProfile batch) {
    Map<String, ColumnProfile> then = reference.columns();
    Map<String, ColumnProfile> now = batch.columns();
    SortedSet<String> names = new TreeSet<>(then.keySet());
    names.addAll(now.keySet());
    int bins =
        Math.clamp(
            (long) Math.sqrt((double) Math.min(reference.rows(), batch.rows())), 2, MOST_BINS);
    Map<String, Double> found = new HashMap<>();
    for (String name : names) {
      ColumnProfile a = then.getOrDefault(name, absent(reference.rows()));
      ColumnProfile b = now.getOrDefault(name, absent(batch.rows()));
      double kinds =
          Divergence.HELLINGER.between(AlignedBins.ofCategories(a.composition(), b.composition()));
      double values =
          a.values() > 0 && b.values() > 0
              ? Divergence.HELLINGER.between(ColumnBins.of(a, b, bins))
              : 0;
      found.put(name, Math.max(kinds, values));
    }
    return found;
  }

  private static ColumnProfile absent(long rows) {
    ColumnProfile column = new ColumnProfile();
    column.updateMissing(rows);
    return column;
  }

  /** The answer to the last batch. */
  public DetectorState state() {
    return state;
  }

  /** Mean distance of the last batch to the reference, in [0, 1]; NaN where there was none. */
  public double distance() {
    return distance;
  }

  /** The columns of the last batch by their distance to the reference, the farthest first. */
  public List<Map.Entry<String, Double>> farthest() {
    List<Map.Entry<String, Double>> all = new ArrayList<>(distances.entrySet());
    all.sort(
        Map.Entry.<String, Double>comparingByValue()
            .reversed()
            .thenComparing(Map.Entry.comparingByKey()));
    return Collections.unmodifiableList(all);
  }

  /** Parameters and state, compact and versioned; the distances per column are not part of it. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeDouble(gamma);
      out.writeDouble(distance);
      out.writeByte(state.ordinal());
      out.writeDouble(moves);
      out.writeDouble(meanMove);
      out.writeDouble(squares);
      byte[] profile = reference == null ? new byte[0] : reference.toBytes();
      out.writeInt(profile.length);
      out.write(profile);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * A detector that goes on where another stood.
   *
   * @throws IllegalArgumentException if the bytes are not such a state of a known version
   */
  public static HellingerDrift fromBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format != FORMAT) {
        throw new IllegalArgumentException("unknown format of " + NAME + ": " + format);
      }
      HellingerDrift detector = new HellingerDrift(in.readDouble());
      detector.distance = in.readDouble();
      detector.state = DetectorState.values()[in.readUnsignedByte()];
      detector.moves = in.readDouble();
      detector.meanMove = in.readDouble();
      detector.squares = in.readDouble();
      int length = in.readInt();
      if (length < 0 || length > in.available()) {
        throw new IllegalArgumentException("a state of " + NAME + " is cut off");
      }
      detector.reference = length == 0 ? null : DatasetProfile.fromBytes(in.readNBytes(length));
      return detector;
    } catch (IOException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not a state of " + NAME + ": " + e.getMessage(), e);
    }
  }
}
