// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A window as a range of tiles of its grid. {@code T} is the moment of the read. */
sealed interface Window {
  /** The first slot read at T. */
  int first(Tiles tiles, long asOfMs);

  /** The slot after the last one read at T. */
  int end(Tiles tiles, long asOfMs);

  /**
   * Until which moment, itself not included, a read finds the tiles that it finds at T; T + 1 where
   * that is not known.
   */
  default long sameUntil(Tiles tiles, long asOfMs) {
    return asOfMs + 1;
  }

  /**
   * Whether no event of the window at T has been dropped or refused.
   *
   * @param grid of the tiles, which may keep more than {@link #grid} needs
   */
  boolean isComplete(Grid grid, Tiles tiles, long asOfMs);

  /** A grid that can answer this window. */
  Grid grid();

  /** Events older than T minus this never count; {@link Long#MAX_VALUE} for no limit. */
  long lookbackMs();

  /** Canonical text, equal for equal windows. */
  String text();

  /** What is counted beyond the strict definition, for the catalogue. */
  String bound();

  /** The first key after T, of tiles whose keys are times; {@link Long#MAX_VALUE} for none. */
  private static long nextKey(Tiles tiles, long asOfMs) {
    int next = tiles.upperBound(asOfMs);
    return next == tiles.size ? Long.MAX_VALUE : tiles.keys[next];
  }

  /** The finest tiles of sliding windows, for the two ends of {@code (T − w, T]}. */
  record Sliding(long lengthMs, long resolutionMs) implements Window {
    static final int TAIL_PARTS = 60;
    static final long MIN_MS = 1_000;
    static final long MAX_MS = 10L * 366 * 86_400_000;

    /** Tile lengths that nest in minutes, hours and days, so that windows share rings. */
    private static final long[] RESOLUTIONS_MS = {
      10,
      20,
      50,
      100,
      200,
      500,
      1_000,
      2_000,
      5_000,
      10_000,
      15_000,
      30_000,
      60_000,
      120_000,
      180_000,
      300_000,
      600_000,
      900_000,
      1_200_000,
      1_800_000,
      3_600_000,
      7_200_000,
      10_800_000,
      14_400_000,
      21_600_000,
      43_200_000,
      86_400_000,
      172_800_000,
      259_200_000,
      518_400_000
    };

    static Sliding of(long lengthMs) {
      long best = RESOLUTIONS_MS[0];
      for (long resolution : RESOLUTIONS_MS) {
        if (resolution <= lengthMs / TAIL_PARTS) {
          best = resolution;
        }
      }
      return new Sliding(lengthMs, best);
    }

    @Override
    public int first(Tiles tiles, long asOfMs) {
      return tiles.lowerBound(Math.floorDiv(asOfMs - lengthMs + 1, resolutionMs));
    }

    @Override
    public int end(Tiles tiles, long asOfMs) {
      return tiles.upperBound(Math.floorDiv(asOfMs, resolutionMs));
    }

    @Override
    public boolean isComplete(Grid grid, Tiles tiles, long asOfMs) {
      return Math.floorDiv(asOfMs - lengthMs + 1, resolutionMs) >= grid.completeFrom(tiles);
    }

    @Override
    public long sameUntil(Tiles tiles, long asOfMs) {
      long newest = (Math.floorDiv(asOfMs, resolutionMs) + 1) * resolutionMs;
      long oldest = (Math.floorDiv(asOfMs - lengthMs + 1, resolutionMs) + 1) * resolutionMs;
      return Math.min(newest, oldest + lengthMs - 1);
    }

    @Override
    public Grid grid() {
      return new Grid.Fixed(resolutionMs, Math.toIntExact(lengthMs / resolutionMs) + 2);
    }

    @Override
    public long lookbackMs() {
      return lengthMs + resolutionMs;
    }

    @Override
    public String text() {
      return "sliding " + lengthMs + " by " + resolutionMs;
    }

    @Override
    public String bound() {
      return "(T − "
          + Durations.format(lengthMs)
          + ", T] in tiles of "
          + Durations.format(resolutionMs)
          + ": up to "
          + Durations.format(resolutionMs)
          + " more at the old end, and events after T in the tile of T that are already known";
    }
  }

  /**
   * {@code (T − w, T]} to the millisecond, of the events themselves. It answers while those that
   * are kept reach back far enough; else the same window in tiles does.
   */
  record Exact(Sliding inTiles) implements Window {
    @Override
    public int first(Tiles tiles, long asOfMs) {
      return tiles.upperBound(asOfMs - inTiles.lengthMs);
    }

    @Override
    public int end(Tiles tiles, long asOfMs) {
      return tiles.upperBound(asOfMs);
    }

    @Override
    public boolean isComplete(Grid grid, Tiles events, long asOfMs) {
      return events.size < grid.capacity() || events.keys[0] <= asOfMs - inTiles.lengthMs;
    }

    @Override
    public long sameUntil(Tiles tiles, long asOfMs) {
      int first = first(tiles, asOfMs);
      return first == tiles.size
          ? Long.MAX_VALUE
          : Math.min(nextKey(tiles, asOfMs), tiles.keys[first] + inTiles.lengthMs);
    }

    @Override
    public Grid grid() {
      return new Grid.Events(inTiles.resolutionMs);
    }

    @Override
    public long lookbackMs() {
      return inTiles.lookbackMs();
    }

    @Override
    public String text() {
      return "exact " + inTiles.lengthMs;
    }

    @Override
    public String bound() {
      return "exactly (T − "
          + Durations.format(inTiles.lengthMs)
          + ", T] while the entity's newest "
          + Grid.Events.KEPT
          + " events that meet the condition reach back that far; for busier entities "
          + inTiles.bound();
    }
  }

  /** Everything so far. */
  record Lifetime() implements Window {
    @Override
    public int first(Tiles tiles, long asOfMs) {
      return 0;
    }

    @Override
    public int end(Tiles tiles, long asOfMs) {
      return tiles.size;
    }

    @Override
    public boolean isComplete(Grid grid, Tiles tiles, long asOfMs) {
      return true;
    }

    @Override
    public long sameUntil(Tiles tiles, long asOfMs) {
      return Long.MAX_VALUE;
    }

    @Override
    public Grid grid() {
      return new Grid.Lifetime();
    }

    @Override
    public long lookbackMs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String text() {
      return "lifetime";
    }

    @Override
    public String bound() {
      return "every known event, also one dated after T";
    }
  }

  /** The newest N events up to T. */
  record LastEvents(int events) implements Window {
    static final int MAX = 1_000;

    @Override
    public int first(Tiles tiles, long asOfMs) {
      return Math.max(0, end(tiles, asOfMs) - events);
    }

    @Override
    public int end(Tiles tiles, long asOfMs) {
      return tiles.upperBound(asOfMs);
    }

    /** What is dropped is older than all that is kept. */
    @Override
    public boolean isComplete(Grid grid, Tiles tiles, long asOfMs) {
      return tiles.size < grid.capacity() || end(tiles, asOfMs) >= events;
    }

    @Override
    public long sameUntil(Tiles tiles, long asOfMs) {
      return nextKey(tiles, asOfMs);
    }

    @Override
    public Grid grid() {
      return new Grid.PerEvent(events);
    }

    @Override
    public long lookbackMs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String text() {
      return events + " events";
    }

    @Override
    public String bound() {
      return "exactly the newest " + events + " events up to T that meet the condition";
    }
  }

  /** From the start of the tumbling or calendar bucket that holds T, up to T. */
  record Bucket(String text, String name, long longestMs, Grid.Keyed buckets) implements Window {
    @Override
    public int first(Tiles tiles, long asOfMs) {
      return tiles.lowerBound(buckets.keyOf(asOfMs));
    }

    @Override
    public int end(Tiles tiles, long asOfMs) {
      return tiles.upperBound(buckets.keyOf(asOfMs));
    }

    @Override
    public boolean isComplete(Grid grid, Tiles tiles, long asOfMs) {
      return buckets.keyOf(asOfMs) >= grid.completeFrom(tiles);
    }

    @Override
    public Grid grid() {
      return buckets;
    }

    @Override
    public long lookbackMs() {
      return longestMs;
    }

    @Override
    public String bound() {
      return "the " + name + " of T so far, with events after T in it that are already known";
    }
  }

  /** The session that T falls into; empty once nothing happened for the gap. */
  record Session(long gapMs) implements Window {
    @Override
    public int first(Tiles tiles, long asOfMs) {
      int last = tiles.upperBound(asOfMs) - 1;
      boolean open = last >= 0 && asOfMs - Grid.Session.lastMs(tiles, last) <= gapMs;
      return open ? last : last + 1;
    }

    @Override
    public int end(Tiles tiles, long asOfMs) {
      return tiles.upperBound(asOfMs);
    }

    @Override
    public boolean isComplete(Grid grid, Tiles tiles, long asOfMs) {
      return asOfMs >= grid.completeFrom(tiles);
    }

    @Override
    public Grid grid() {
      return new Grid.Session(gapMs);
    }

    @Override
    public long lookbackMs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String text() {
      return "session " + gapMs;
    }

    @Override
    public String bound() {
      return "events with gaps of at most "
          + Durations.format(gapMs)
          + " that reach T, with events after T in that session that are already known";
    }
  }

  /**
   * Reads a window as written.
   *
   * @throws IllegalArgumentException with a message for the author
   */
  static Window parse(String written) {
    String text = written.strip();
    if (text.equals("lifetime")) {
      return new Lifetime();
    }
    Matcher events = Pattern.compile("(\\d{1,9})\\s+events?").matcher(text);
    if (events.matches()) {
      int count = Integer.parseInt(events.group(1));
      if (count < 1 || count > LastEvents.MAX) {
        throw new IllegalArgumentException(
            "a window of events holds 1 to " + LastEvents.MAX + " of them, not " + count);
      }
      return new LastEvents(count);
    }
    String[] words = text.split("\\s+");
    return switch (words[0]) {
      case "tumbling" -> tumbling(words, text);
      case "calendar" -> calendar(words, text);
      case "session" -> session(words, text);
      default -> sliding(text);
    };
  }

  private static Window sliding(String text) {
    long length;
    try {
      length = Durations.parsePositiveMs(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          e.getMessage()
              + "; windows are written 90s, 7d, lifetime, 20 events, tumbling 1h,"
              + " calendar day Europe/London, session 30m",
          e);
    }
    if (length < Sliding.MIN_MS || length > Sliding.MAX_MS) {
      throw new IllegalArgumentException(
          "a sliding window lasts 1s to 3660d, not '" + text + "'; for more use lifetime");
    }
    return Sliding.of(length);
  }

  private static Window tumbling(String[] words, String text) {
    if (words.length != 2) {
      throw new IllegalArgumentException("write 'tumbling 1h', not '" + text + "'");
    }
    long length = bounded(words[1], text);
    return new Bucket(
        "tumbling " + length,
        "tumbling window of " + Durations.format(length),
        length,
        new Grid.Fixed(length, 1));
  }

  private static Window session(String[] words, String text) {
    if (words.length != 2) {
      throw new IllegalArgumentException("write 'session 30m', not '" + text + "'");
    }
    return new Session(bounded(words[1], text));
  }

  private static long bounded(String duration, String text) {
    long length = Durations.parsePositiveMs(duration);
    if (length > Sliding.MAX_MS) {
      throw new IllegalArgumentException("at most 3660d, not '" + text + "'");
    }
    return length;
  }

  private static Window calendar(String[] words, String text) {
    if (words.length != 3) {
      throw new IllegalArgumentException("write 'calendar day Europe/London', not '" + text + "'");
    }
    ChronoUnit unit =
        switch (words[1].toLowerCase(Locale.ROOT)) {
          case "day" -> ChronoUnit.DAYS;
          case "week" -> ChronoUnit.WEEKS;
          case "month" -> ChronoUnit.MONTHS;
          default ->
              throw new IllegalArgumentException(
                  "a calendar window is a day, week or month, not '" + words[1] + "'");
        };
    ZoneId zone;
    try {
      zone = ZoneId.of(words[2]);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("unknown time zone '" + words[2] + "'", e);
    }
    long days = unit == ChronoUnit.DAYS ? 1 : unit == ChronoUnit.WEEKS ? 7 : 31;
    // A clock change makes the longest bucket up to a few hours longer; a day is a safe margin.
    return new Bucket(
        "calendar " + unit + " " + zone.getId(),
        "calendar " + words[1] + " in " + zone.getId(),
        (days + 1) * 86_400_000L,
        new Grid.Calendar(unit, zone));
  }
}
