// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What happened, newest last; bounded. Not thread-safe. */
public final class Timeline {
  private static final int ENTRIES_MAX = 500;

  private final List<Entry> entries = new ArrayList<>();

  /**
   * @param atMs wall clock
   * @param streamTimeMs event time known then
   * @param kind {@code model}, {@code drift}, {@code alert}, {@code training} or {@code verdict}
   */
  public record Entry(long atMs, long streamTimeMs, String kind, String text) {}

  void add(long atMs, long streamTimeMs, String kind, String text) {
    entries.add(new Entry(atMs, streamTimeMs, kind, text));
    if (entries.size() > ENTRIES_MAX) {
      entries.removeFirst();
    }
  }

  List<Entry> all() {
    return entries.stream().sorted(Comparator.comparingLong(Entry::atMs)).toList();
  }
}
