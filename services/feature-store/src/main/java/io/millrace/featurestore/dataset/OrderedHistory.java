// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.features.pit.KnownEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history of one entity key, in the order in which its events began to count. It can be gone
 * through several times: a short one is read once and kept, a long one is read each time and not
 * kept, unless it is too far out of order to be read in passing. Not thread-safe.
 */
final class OrderedHistory {
  private static final Logger LOG = LoggerFactory.getLogger(OrderedHistory.class);

  /** Events of a history that is kept, at most. */
  private static final int SHORT_MAX = HistoryOrder.EVENTS_MAX;

  private final HistoryStore store;
  private final HistoryKey key;
  private final Patience patience;

  /** All events in order, where kept. */
  private final List<KnownEvent> kept = new ArrayList<>();

  private boolean isKept;
  private boolean isShort;

  OrderedHistory(HistoryStore store, HistoryKey key, Patience patience) {
    this.store = store;
    this.key = key;
    this.patience = patience;
  }

  /**
   * Goes through all events.
   *
   * @param begin makes what takes them; another one for each attempt, where the store goes away in
   *     the middle
   * @return what has taken all of them
   */
  <T> T read(Supplier<T> begin, BiConsumer<T, KnownEvent> take) {
    if (!isKept) {
      try {
        return patience.of(() -> inPassing(begin, take));
      } catch (HistoryOrder.TooFarException e) {
        LOG.warn("a history is read into memory: {}", e.getMessage());
        patience.of(this::whole).sort(HistoryOrder.COMPARATOR);
        isKept = true;
      }
    }
    T taker = begin.get();
    kept.forEach(event -> take.accept(taker, event));
    return taker;
  }

  private <T> T inPassing(Supplier<T> begin, BiConsumer<T, KnownEvent> take) {
    T taker = begin.get();
    kept.clear();
    isShort = true;
    HistoryOrder order =
        new HistoryOrder(
            event -> {
              keep(event);
              take.accept(taker, event);
            });
    forEach(order::add);
    order.end();
    isKept = isShort;
    return taker;
  }

  private void keep(KnownEvent event) {
    if (isShort && kept.size() < SHORT_MAX) {
      kept.add(event);
    } else {
      isShort = false;
      kept.clear();
    }
  }

  private List<KnownEvent> whole() {
    kept.clear();
    forEach(kept::add);
    return kept;
  }

  private void forEach(Consumer<KnownEvent> reader) {
    store.read(
        key,
        0,
        row -> {
          reader.accept(row.event());
          return true;
        });
  }
}
