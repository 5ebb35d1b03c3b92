// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/**
 * How event times fall into tiles, and which tiles a ring keeps.
 *
 * <p>A ring keeps the newest {@link #capacity} tiles that have events and are younger than {@link
 * #span} tiles. An entity that is seldom seen so keeps few tiles of long ago, and a busy one an
 * eighth more than its window. The newest tile decides: one event dated further ahead than the span
 * empties the ring, and what happens until its time has come is refused. So whoever updates a state
 * must hold an event back until then, as the feature store and {@link
 * io.millrace.features.pit.PointInTimePass} do.
 */
abstract sealed class Grid {
  /** Equal for grids of equal tiles. */
  abstract String identity();

  /**
   * The slot of the tile for an event, made if needed.
   *
   * @return −1 if the event is older than everything the ring may keep
   */
  abstract int slotFor(Ring ring, Tiles tiles, long timeMs);

  /** The most tiles kept. */
  abstract int capacity();

  /** A key near that of an event, to which keys are relative when written. */
  long keyNear(long timeMs) {
    return 0;
  }

  /**
   * The least key from which on no event has been dropped or refused, as far as the tiles that are
   * there tell.
   */
  abstract long completeFrom(Tiles tiles);

  /**
   * Tiles that stored segments may hold beyond the capacity, because they are dropped when read.
   */
  int spare() {
    return 0;
  }

  /** Tiles by a monotone key of event time. */
  abstract static sealed class Keyed extends Grid {
    abstract long keyOf(long timeMs);

    /** Distance in keys beyond which a tile is dropped. */
    abstract long span();

    @Override
    int slotFor(Ring ring, Tiles tiles, long timeMs) {
      long key = keyOf(timeMs);
      int slot = tiles.lowerBound(key);
      if (slot < tiles.size && tiles.keys[slot] == key) {
        return slot;
      }
      return admit(ring, tiles, slot, key);
    }

    final int admit(Ring ring, Tiles tiles, int slot, long key) {
      int size = tiles.size;
      boolean full = size >= capacity();
      if (slot == size) {
        int stale = size == 0 ? 0 : tiles.lowerBound(oldest(key));
        stale = Math.max(stale, size + 1 - capacity());
        tiles.removeFirst(stale);
        slot -= stale;
      } else if (key < oldest(tiles.keys[size - 1]) || (full && slot == 0)) {
        return -1;
      } else if (full) {
        tiles.removeFirst(1);
        slot--;
      }
      tiles.insert(slot, key);
      ring.clear(tiles, slot);
      return slot;
    }

    /**
     * A ring that is not full has dropped only what is older than its span, and a full one may have
     * dropped all before its oldest tile.
     */
    @Override
    final long completeFrom(Tiles tiles) {
      if (tiles.size == 0) {
        return Long.MIN_VALUE;
      }
      return tiles.size >= capacity() ? tiles.keys[0] : oldest(tiles.keys[tiles.size - 1]);
    }

    /** Drops tiles that an update would have dropped before. */
    final void trim(Tiles tiles) {
      if (tiles.size > 0) {
        int stale = tiles.lowerBound(oldest(tiles.keys[tiles.size - 1]));
        tiles.removeFirst(Math.max(stale, tiles.size - capacity()));
      }
    }

    /** The oldest key kept beside {@code newest}. */
    private long oldest(long newest) {
      long span = span();
      return newest < Long.MIN_VALUE + span ? Long.MIN_VALUE : newest - span + 1;
    }
  }

  /** Tiles of equal length, aligned to the epoch. */
  static final class Fixed extends Keyed {
    final long resolutionMs;
    private int tiles;

    Fixed(long resolutionMs, int tiles) {
      this.resolutionMs = resolutionMs;
      this.tiles = tiles;
    }

    int tiles() {
      return tiles;
    }

    /** Enlarges the ring to hold a longer window of the same resolution. */
    void atLeast(int moreTiles) {
      tiles = Math.max(tiles, moreTiles);
    }

    @Override
    String identity() {
      return "every " + resolutionMs;
    }

    @Override
    long keyOf(long timeMs) {
      return Math.floorDiv(timeMs, resolutionMs);
    }

    @Override
    long keyNear(long timeMs) {
      return keyOf(timeMs);
    }

    /** Stored blocks may begin with tiles that the ring has dropped. */
    @Override
    int spare() {
      return capacity();
    }

    /** How many tiles a read may be behind the newest. */
    int reach() {
      return capacity() - tiles + 2;
    }

    /** An eighth more than the longest window, for reads and events that are behind. */
    @Override
    int capacity() {
      return tiles + Math.max(2, tiles / 8);
    }

    @Override
    long span() {
      return 2L * tiles;
    }
  }

  /** One tile for ever. */
  static final class Lifetime extends Keyed {
    @Override
    String identity() {
      return "lifetime";
    }

    @Override
    long keyOf(long timeMs) {
      return 0;
    }

    @Override
    int capacity() {
      return 1;
    }

    @Override
    long span() {
      return 1;
    }
  }

  /**
   * Days, weeks (from Monday) or months in a zone; their length follows the zone's clock changes.
   */
  static final class Calendar extends Keyed {
    private static final int KEPT = 3;

    private final ChronoUnit unit;
    private final ZoneId zone;

    Calendar(ChronoUnit unit, ZoneId zone) {
      this.unit = unit;
      this.zone = zone;
    }

    @Override
    String identity() {
      return "calendar " + unit + " " + zone.getId();
    }

    @Override
    long keyOf(long timeMs) {
      LocalDate date = LocalDate.ofInstant(Instant.ofEpochMilli(timeMs), zone);
      return switch (unit) {
        case DAYS -> date.toEpochDay();
        // 1970-01-01 was a Thursday.
        case WEEKS -> Math.floorDiv(date.toEpochDay() + 3, 7L);
        case MONTHS -> date.getYear() * 12L + date.getMonthValue() - 1;
        default -> throw new IllegalStateException("no calendar unit: " + unit);
      };
    }

    /** Stored blocks may be of buckets that the ring has dropped. */
    @Override
    int spare() {
      return KEPT;
    }

    @Override
    int capacity() {
      return KEPT;
    }

    @Override
    long span() {
      return KEPT;
    }
  }

  /** Every event its own tile, keyed by its time; among equal times in order of arrival. */
  abstract static sealed class EachEvent extends Keyed {
    @Override
    final long keyOf(long timeMs) {
      return timeMs;
    }

    @Override
    final long keyNear(long timeMs) {
      return timeMs;
    }

    @Override
    final int slotFor(Ring ring, Tiles tiles, long timeMs) {
      return admit(ring, tiles, tiles.upperBound(timeMs), timeMs);
    }

    @Override
    final long span() {
      return Long.MAX_VALUE;
    }
  }

  /** The newest events, as many as a window counts. */
  static final class PerEvent extends EachEvent {
    private int events;

    PerEvent(int events) {
      this.events = events;
    }

    void atLeast(int more) {
      events = Math.max(events, more);
    }

    @Override
    String identity() {
      return "per event";
    }

    @Override
    int capacity() {
      return events + Math.max(2, events / 8);
    }
  }

  /**
   * The newest events, so that a window can begin and end between two of them; stored in blocks of
   * equal time.
   */
  static final class Events extends EachEvent {
    /** The most events kept. */
    static final int KEPT = 500;

    private long blockMs;

    Events(long blockMs) {
      this.blockMs = blockMs;
    }

    /** Makes blocks at most that long. */
    void atMost(long shorterMs) {
      blockMs = Math.min(blockMs, shorterMs);
    }

    long blockMs() {
      return blockMs;
    }

    @Override
    String identity() {
      return "events";
    }

    @Override
    int capacity() {
      return KEPT;
    }

    @Override
    int spare() {
      return KEPT;
    }
  }

  /**
   * A tile per session, keyed by the session's first event time; its first cell holds the last. An
   * event that closes the gap between two sessions joins them.
   *
   * <p>The newest sessions are kept, and all of them whole. Once something has been dropped or
   * refused, the first tile is a mark without content, keyed by the newest time of that. An event
   * within the gap of the mark belongs to a session whose beginning is not there any more: it moves
   * the mark, and a session that it joins to the mark is dropped too.
   */
  static final class Session extends Grid {
    private static final int KEPT = 4;

    final long gapMs;

    Session(long gapMs) {
      this.gapMs = gapMs;
    }

    @Override
    String identity() {
      return "session " + gapMs;
    }

    /** The sessions and the mark. */
    @Override
    int capacity() {
      return KEPT + 1;
    }

    @Override
    long keyNear(long timeMs) {
      return timeMs;
    }

    @Override
    long completeFrom(Tiles tiles) {
      return hasMark(tiles) ? tiles.keys[0] + gapMs + 1 : Long.MIN_VALUE;
    }

    static long lastMs(Tiles tiles, int slot) {
      long last = tiles.cells[slot * tiles.cellStride];
      return last == Ring.NO_TIME ? tiles.keys[slot] : last;
    }

    private static void lastMs(Tiles tiles, int slot, long timeMs) {
      tiles.cells[slot * tiles.cellStride] = timeMs;
    }

    private static boolean hasMark(Tiles tiles) {
      return tiles.size > 0 && tiles.cells[0] == Ring.NO_TIME;
    }

    @Override
    int slotFor(Ring ring, Tiles tiles, long timeMs) {
      int oldest = hasMark(tiles) ? 1 : 0;
      int next = tiles.upperBound(timeMs);
      int before = next - 1;
      if (next < oldest) {
        return -1;
      }
      boolean joinsBefore = before >= 0 && timeMs - lastMs(tiles, before) <= gapMs;
      boolean joinsNext = next < tiles.size && tiles.keys[next] - timeMs <= gapMs;
      if (joinsBefore && before < oldest) {
        drop(ring, tiles, joinsNext ? 2 : 1, joinsNext ? lastMs(tiles, next) : timeMs);
        return -1;
      }
      if (joinsBefore) {
        if (joinsNext) {
          ring.mergeSlot(tiles, before, tiles, next);
          lastMs(tiles, before, lastMs(tiles, next));
          tiles.remove(next);
        }
        lastMs(tiles, before, Math.max(timeMs, lastMs(tiles, before)));
        return before;
      }
      if (joinsNext) {
        tiles.keys[next] = timeMs;
        return next;
      }
      if (tiles.size - oldest == KEPT) {
        if (next == oldest) {
          drop(ring, tiles, oldest, timeMs);
          return -1;
        }
        drop(ring, tiles, oldest + 1, lastMs(tiles, oldest));
        next -= oldest;
      }
      tiles.insert(next, timeMs);
      ring.clear(tiles, next);
      lastMs(tiles, next, timeMs);
      return next;
    }

    /** Puts the mark in place of the first tiles. */
    private static void drop(Ring ring, Tiles tiles, int count, long upToMs) {
      tiles.removeFirst(count);
      tiles.insert(0, upToMs);
      ring.clear(tiles, 0);
    }
  }
}
