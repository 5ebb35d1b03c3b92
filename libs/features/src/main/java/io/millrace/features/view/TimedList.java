// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.ArrayList;
import java.util.List;

/**
 * The first or last n values by event time. Among equal times the order is that of arrival, so
 * adding an earlier tile's list and then a later one's gives what their events would have given.
 */
final class TimedList {
  /** A text with its kind and length when written, at most. */
  static final int TEXT_BYTES = 1 + 2 + KeptText.VALUE_BYTES;

  /** A number with its kind when written, at most. */
  private static final int KIND_NUMBER_BYTES = 1 + Partial.NUMBER_BYTES;

  /** The time from one value to the next when written; six bytes are enough for 69 years. */
  private static final int TIME_BYTES = 6;

  private final boolean last;
  private final int bound;
  private final List<Object> values = new ArrayList<>();
  private final List<Long> times = new ArrayList<>();

  TimedList(boolean last, int bound) {
    this.last = last;
    this.bound = bound;
  }

  void add(long timeMs, Object value) {
    int at = values.size();
    while (at > 0 && times.get(at - 1) > timeMs) {
      at--;
    }
    if (values.size() == bound) {
      if (last ? at == 0 : at == bound) {
        return;
      }
      int evicted = last ? 0 : bound - 1;
      values.remove(evicted);
      times.remove(evicted);
      at -= last ? 1 : 0;
    }
    values.add(at, value);
    times.add(at, timeMs);
  }

  void addAll(TimedList other) {
    for (int i = 0; i < other.values.size(); i++) {
      add(other.times.get(i), other.values.get(i));
    }
  }

  /** Oldest first for the first n, newest first for the last n. */
  List<Object> ordered() {
    return last ? values.reversed() : values;
  }

  void write(ByteWriter out) {
    out.unsigned(values.size());
    long previous = 0;
    for (int i = 0; i < values.size(); i++) {
      out.signed(times.get(i) - previous);
      previous = times.get(i);
      out.value(values.get(i));
    }
  }

  static TimedList read(boolean last, int bound, ByteReader in) {
    TimedList list = new TimedList(last, bound);
    int size = in.count();
    long time = 0;
    for (int i = 0; i < size; i++) {
      time += in.signed();
      list.times.add(time);
      list.values.add(in.value());
    }
    return list;
  }

  /** The partial that keeps such a list. */
  static final class Of extends RefPartial<TimedList> {
    private final boolean last;
    private final int bound;
    private final boolean texts;

    /**
     * @param texts whether values may be texts
     */
    Of(boolean last, int bound, boolean texts, int condition, int input) {
      super(numbered(last ? "last_n" : "first_n", bound), TimedList.class, condition, input);
      this.last = last;
      this.bound = bound;
      this.texts = texts;
    }

    @Override
    long mostRefBytes() {
      return NUMBER_BYTES + (long) bound * (TIME_BYTES + (texts ? TEXT_BYTES : KIND_NUMBER_BYTES));
    }

    @Override
    void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
      Object value = inputs.objects[input];
      if (value != null) {
        open(tiles, slot).add(timeMs, value);
      }
    }

    @Override
    TimedList create() {
      return new TimedList(last, bound);
    }

    @Override
    void merge(TimedList into, TimedList from) {
      into.addAll(from);
    }

    @Override
    void write(TimedList summary, ByteWriter out) {
      summary.write(out);
    }

    @Override
    TimedList read(ByteReader in) {
      return TimedList.read(last, bound, in);
    }
  }
}
