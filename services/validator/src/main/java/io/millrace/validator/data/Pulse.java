// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.Optional;

/**
 * In which tenths of an hour rows of one kind came, by wall clock, over the last four weeks, and
 * whether the quiet since the last of them is longer than its habit.
 *
 * <p>A slot of ten minutes is expected to be busy with the smaller of two shares: of the same slot
 * on the seven days before, and of the same slot of the three weeks before, one miss added to each.
 * Of it and the slots an hour before and after the smallest counts, so that a shop that opens by
 * local time is not silent on the day on which the clocks are changed. The quiet slots together are
 * an accident with the product of one less each of these; below {@value #CHANCE} the source is
 * silent. So a stream that never rests is missed within two hours after its first week and within
 * one after its third, a shop is not missed at night or on a Sunday, and a stream of a row a day
 * never. Nothing is said before a week is known.
 *
 * <p>Slots in which nobody looked, since the validator was down, count neither as busy nor as
 * quiet. 1 KiB. Not thread-safe.
 */
public final class Pulse {
  /** Length of a slot in milliseconds. */
  public static final long SLOT_MS = 600_000;

  /** Chance of so long a quiet in a living source from which it counts as silent. */
  static final double CHANCE = 1e-3;

  private static final int HOUR = 6;
  private static final int DAY = 24 * HOUR;
  private static final int WEEK = 7 * DAY;
  private static final int SLOTS = 4 * WEEK;

  /** Longest quiet that is looked at: what it is held against is still kept. */
  private static final int MOST_QUIET = WEEK - 2 * HOUR;

  private static final int DAYS = 7;
  private static final int WEEKS = 3;
  private static final int FORMAT = 1;

  private final BitSet seen = new BitSet(SLOTS);
  private final BitSet busy = new BitSet(SLOTS);
  private long slot = -1;

  /** Whether this object has looked before, and whether at all of the present slot. */
  private boolean looking;

  private boolean whole;

  /**
   * A quiet that is longer than the habit.
   *
   * @param sinceMs wall clock at which it began, to the slot
   * @param slots whole slots of it
   * @param chance of a quiet of this length in a source that is alive
   */
  public record Silence(long sinceMs, int slots, double chance) {}

  /**
   * Moves on to a moment, which is looked at from now on without a break.
   *
   * @param nowMs wall clock
   * @return whether a slot has ended, so that there may be news
   */
  public boolean look(long nowMs) {
    long now = Math.floorDiv(nowMs, SLOT_MS);
    if (now <= slot) {
      return false;
    }
    if (slot >= 0 && whole) {
      seen.set(place(slot));
    }
    whole = looking && now == slot + 1;
    looking = true;
    for (long each = Math.max(slot + 1, now - SLOTS + 1); each <= now; each++) {
      seen.clear(place(each));
      busy.clear(place(each));
    }
    boolean first = slot < 0;
    slot = now;
    return !first;
  }

  /**
   * Rows came.
   *
   * @param nowMs wall clock
   * @return whether they are the first of their slot
   */
  public boolean beat(long nowMs) {
    look(nowMs);
    int place = place(slot);
    boolean first = !busy.get(place);
    busy.set(place);
    seen.set(place);
    return first;
  }

  /** The quiet up to the slot that has ended last, where it is longer than the habit. */
  public Optional<Silence> silence() {
    double chance = 1;
    int quiet = 0;
    while (quiet < MOST_QUIET && quiet(slot - 1 - quiet)) {
      chance *= 1 - expected(slot - 1 - quiet);
      quiet++;
    }
    // A row in the slot that has not ended yet ends the quiet.
    return slot < 0 || busy.get(place(slot)) || chance >= CHANCE
        ? Optional.empty()
        : Optional.of(new Silence((slot - quiet) * SLOT_MS, quiet, chance));
  }

  private boolean quiet(long at) {
    return seen.get(place(at)) && !busy.get(place(at));
  }

  private double expected(long at) {
    return Math.min(share(at), Math.min(share(at - HOUR), share(at + HOUR)));
  }

  private double share(long at) {
    return Math.min(share(at, DAY, DAYS), share(at, WEEK, WEEKS));
  }

  private double share(long at, int period, int depth) {
    int known = 0;
    int beats = 0;
    for (int back = 1; back <= depth; back++) {
      int place = place(at - (long) back * period);
      if (seen.get(place)) {
        known++;
        beats += busy.get(place) ? 1 : 0;
      }
    }
    return (double) beats / (known + 1);
  }

  private static int place(long slot) {
    return (int) Math.floorMod(slot, (long) SLOTS);
  }

  /** The whole state, versioned. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(SLOTS / 4 + 16);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeLong(slot);
      write(out, seen);
      write(out, busy);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, BitSet bits) throws IOException {
    byte[] packed = bits.toByteArray();
    out.writeShort(packed.length);
    out.write(packed);
  }

  /**
   * Restores {@link #toBytes}. Nobody has looked since.
   *
   * @throws IllegalArgumentException where the bytes are not such a state
   */
  public static Pulse fromBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format != FORMAT) {
        throw new IllegalArgumentException("unknown format of a pulse: " + format);
      }
      Pulse pulse = new Pulse();
      pulse.slot = in.readLong();
      pulse.seen.or(BitSet.valueOf(in.readNBytes(in.readUnsignedShort())));
      pulse.busy.or(BitSet.valueOf(in.readNBytes(in.readUnsignedShort())));
      return pulse;
    } catch (IOException e) {
      throw new IllegalArgumentException("not a pulse", e);
    }
  }
}
