// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/**
 * How many of the newest events met a condition in a row. Keeps the time of the newest failure and
 * the times of the successes after it, so that late events of either kind are placed right; at most
 * {@code bound} successes are told apart. A success at the very time of a failure does not count.
 */
final class Streak {
  /** The time from one success to the next when written; six bytes are enough for 69 years. */
  private static final int TIME_BYTES = 6;

  private final int bound;
  private long failureMs = Long.MIN_VALUE;

  /** Ascending, all after the failure. */
  private long[] successes = new long[4];

  private int size;

  Streak(int bound) {
    this.bound = bound;
  }

  void success(long timeMs) {
    if (timeMs <= failureMs && failureMs != Long.MIN_VALUE) {
      return;
    }
    int at = size;
    while (at > 0 && successes[at - 1] > timeMs) {
      at--;
    }
    if (size == bound) {
      if (at == 0) {
        return;
      }
      System.arraycopy(successes, 1, successes, 0, at - 1);
      successes[at - 1] = timeMs;
      return;
    }
    if (size == successes.length) {
      successes = Arrays.copyOf(successes, Math.min(bound, size * 2));
    }
    System.arraycopy(successes, at, successes, at + 1, size - at);
    successes[at] = timeMs;
    size++;
  }

  void failure(long timeMs) {
    if (timeMs <= failureMs) {
      return;
    }
    failureMs = timeMs;
    int gone = 0;
    while (gone < size && successes[gone] <= timeMs) {
      gone++;
    }
    System.arraycopy(successes, gone, successes, 0, size - gone);
    size -= gone;
  }

  int length() {
    return size;
  }

  /** The partial that keeps such a streak. */
  static final class Of extends RefPartial<Streak> {
    private final int bound;

    Of(int bound, int condition, int input) {
      super(numbered("streak", bound), Streak.class, condition, input);
      this.bound = bound;
    }

    @Override
    long mostRefBytes() {
      return 2L * NUMBER_BYTES + (long) bound * TIME_BYTES;
    }

    @Override
    void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
      double truth = inputs.numbers[input];
      if (truth == 1) {
        open(tiles, slot).success(timeMs);
      } else if (truth == 0) {
        open(tiles, slot).failure(timeMs);
      }
    }

    @Override
    Streak create() {
      return new Streak(bound);
    }

    @Override
    void merge(Streak into, Streak from) {
      if (from.failureMs != Long.MIN_VALUE) {
        into.failure(from.failureMs);
      }
      for (int i = 0; i < from.size; i++) {
        into.success(from.successes[i]);
      }
    }

    @Override
    void write(Streak summary, ByteWriter out) {
      out.signed(summary.failureMs);
      out.unsigned(summary.size);
      long previous = 0;
      for (int i = 0; i < summary.size; i++) {
        out.signed(summary.successes[i] - previous);
        previous = summary.successes[i];
      }
    }

    @Override
    Streak read(ByteReader in) {
      Streak streak = create();
      streak.failureMs = in.signed();
      streak.size = in.count();
      streak.successes = new long[Math.max(4, streak.size)];
      long time = 0;
      for (int i = 0; i < streak.size; i++) {
        time += in.signed();
        streak.successes[i] = time;
      }
      return streak;
    }
  }
}
