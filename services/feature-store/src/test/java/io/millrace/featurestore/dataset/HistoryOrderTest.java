// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.features.pit.KnownEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HistoryOrderTest {
  private static KnownEvent event(int number, long knownAtMs) {
    return new KnownEvent(knownAtMs, knownAtMs, "e" + number, Map.of());
  }

  /** The same event, dated two seconds ahead. */
  private static KnownEvent ahead(KnownEvent event) {
    return new KnownEvent(
        event.eventTimeMs() + 2_000, event.knownAtMs(), event.id(), event.fields());
  }

  private static List<KnownEvent> ordered(List<KnownEvent> history) {
    List<KnownEvent> ordered = new ArrayList<>();
    HistoryOrder order = new HistoryOrder(ordered::add);
    history.forEach(order::add);
    order.end();
    return ordered;
  }

  @Test
  void order_eventsALittleBehindTheirPlaces_isThatOfAStableSort() {
    SplittableRandom random = new SplittableRandom(3);
    List<KnownEvent> history = new ArrayList<>();
    for (int i = 0; i < 60_000; i++) {
      KnownEvent event = event(i, i / 3 + random.nextInt(40));
      history.add(i % 90 == 0 ? ahead(event) : event);
    }
    List<KnownEvent> sorted = new ArrayList<>(history);
    sorted.sort(Comparator.comparingLong(each -> Math.max(each.knownAtMs(), each.eventTimeMs())));
    assertThat(sorted).isNotEqualTo(history);
    assertThat(ordered(history)).isEqualTo(sorted);
  }

  @Test
  void order_eventTooFarBehindItsPlace_isRefusedAndNeverWrong() {
    List<KnownEvent> history = new ArrayList<>();
    for (int i = 0; i < HistoryOrder.EVENTS_MAX; i++) {
      history.add(event(i, 10 + i));
    }
    history.add(event(-1, 1));
    assertThat(ordered(history).getFirst().id()).isEqualTo("e-1");

    history.addLast(event(-2, 0));
    assertThatThrownBy(() -> ordered(history))
        .isInstanceOf(HistoryOrder.TooFarException.class)
        .hasMessageContaining("e-2");
  }
}
