// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.pit.KnownEvent;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStoreOf;
import io.millrace.featurestore.history.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class OrderedHistoryTest {
  private static final int LONG = 3 * HistoryOrder.EVENTS_MAX;

  private final List<KnownEvent> events = new ArrayList<>();
  private final Listed store = new Listed();
  private OrderedHistory history = history();

  private OrderedHistory history() {
    return new OrderedHistory(
        store,
        new HistoryKey("app", "order", "customer", "", "c1"),
        new Patience(Duration.ofMinutes(1), Duration.ofMillis(1)));
  }

  /** Has the events of the test; goes away in the middle as often as is asked. */
  private final class Listed extends HistoryStoreOf {
    private int reads;
    private int timesAway;

    private Listed() {
      super(new InMemoryStores());
    }

    @Override
    public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
      reads++;
      int until = events.size();
      if (timesAway > 0) {
        timesAway--;
        until /= 2;
      }
      for (int i = 0; i < until; i++) {
        assertThat(reader.test(new HistoricEvent(i + 1, events.get(i)))).isTrue();
      }
      if (until < events.size()) {
        throw new StoreUnavailableException("away", null);
      }
    }
  }

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      // Each second one a little earlier than the one in front.
      long knownAtMs = 10L + i + (i % 2 == 0 ? 2 : 0);
      events.add(new KnownEvent(knownAtMs, knownAtMs, "e" + i, Map.of()));
    }
  }

  private List<KnownEvent> sorted() {
    List<KnownEvent> sorted = new ArrayList<>(events);
    sorted.sort(Comparator.comparingLong(KnownEvent::knownAtMs));
    assertThat(sorted).isNotEqualTo(events);
    return sorted;
  }

  private List<KnownEvent> read() {
    return history.read(ArrayList::new, List::add);
  }

  @Test
  void read_shortHistory_isAskedForOnce() {
    fill(HistoryOrder.EVENTS_MAX);
    assertThat(read()).isEqualTo(sorted());
    assertThat(read()).isEqualTo(sorted());
    assertThat(store.reads).isEqualTo(1);
  }

  @Test
  void read_longHistory_isAskedForEachTime() {
    fill(LONG);
    assertThat(read()).isEqualTo(sorted());
    assertThat(read()).isEqualTo(sorted());
    assertThat(store.reads).isEqualTo(2);
  }

  @Test
  void read_historyFarOutOfOrder_isSortedAsAWholeAndAskedForOnceMore() {
    fill(LONG);
    events.add(new KnownEvent(1, 1, "first", Map.of()));
    assertThat(read()).isEqualTo(sorted()).first().isEqualTo(events.getLast());
    assertThat(read()).isEqualTo(sorted());
    assertThat(store.reads).isEqualTo(2);
  }

  @Test
  void read_storeAwayInTheMiddle_beginsAnew() {
    for (int count : new int[] {100, LONG}) {
      events.clear();
      fill(count);
      store.timesAway = 2;
      history = history();
      assertThat(read()).isEqualTo(sorted());
    }
  }
}
