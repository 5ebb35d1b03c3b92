// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.features.pit.KnownEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Brings the events of a history, which come in the order in which the stream applied them, into
 * the order in which they began to count: almost the same, because several accept events at the
 * same time. Keeps the last {@value #EVENTS_MAX}; a history that is further out of order than that
 * has to be sorted as a whole. Events that began to count together stay in sequence. Not
 * thread-safe.
 */
final class HistoryOrder {
  /** Of events, for a stable sort. */
  static final Comparator<KnownEvent> COMPARATOR =
      Comparator.comparingLong(KnownEvent::countsFromMs);

  /** How many are kept, and so how far an event may stand behind its place. */
  static final int EVENTS_MAX = 16_384;

  private final Consumer<KnownEvent> events;
  private final Deque<KnownEvent> last = new ArrayDeque<>();
  private final List<KnownEvent> after = new ArrayList<>();
  private long handedMs = Long.MIN_VALUE;

  HistoryOrder(Consumer<KnownEvent> events) {
    this.events = events;
  }

  /**
   * Takes the next event of the history.
   *
   * @throws TooFarException where it belongs in front of one that has been handed over
   */
  void add(KnownEvent event) {
    if (event.countsFromMs() < handedMs) {
      throw new TooFarException(event.id());
    }
    while (!last.isEmpty() && last.getLast().countsFromMs() > event.countsFromMs()) {
      after.add(last.removeLast());
    }
    last.addLast(event);
    for (int i = after.size() - 1; i >= 0; i--) {
      last.addLast(after.get(i));
    }
    after.clear();
    if (last.size() > EVENTS_MAX) {
      hand(last.removeFirst());
    }
  }

  private void hand(KnownEvent event) {
    handedMs = event.countsFromMs();
    events.accept(event);
  }

  /** All are taken: hands over those that are kept. */
  void end() {
    while (!last.isEmpty()) {
      hand(last.removeFirst());
    }
  }

  /** An event is further behind its place than events are kept. */
  static final class TooFarException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private TooFarException(String id) {
      super(
          "event '"
              + id
              + "' counted before some that are more than "
              + EVENTS_MAX
              + " in front of it");
    }
  }
}
