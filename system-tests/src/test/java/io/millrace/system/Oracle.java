// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import io.millrace.system.Kiosk.Buy;
import io.millrace.system.Kiosk.View;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What must have come of what the kiosk sent, by plain loops over it and nothing else. */
final class Oracle {
  private static final long WINDOW_MS = 2 * Kiosk.HOUR_MS;

  private final Kiosk kiosk;

  Oracle(Kiosk kiosk) {
    this.kiosk = kiosk;
  }

  /** View id → 1 where it was bought within the window, else 0; of views before a moment. */
  Map<String, Double> labels(long beforeMs) {
    Map<String, Double> labels = new TreeMap<>();
    for (View view : kiosk.views().values()) {
      if (view.atMs() < beforeMs) {
        labels.put(view.id(), 0.0);
      }
    }
    for (Buy buy : kiosk.buys()) {
      long afterMs = buy.atMs() - kiosk.views().get(buy.viewId()).atMs();
      if (afterMs <= Kiosk.BUYS_WITHIN_MS && labels.containsKey(buy.viewId())) {
        labels.put(buy.viewId(), 1.0);
      }
    }
    return labels;
  }

  /** Feature → value of a user at a moment; null where there is none. */
  Map<String, @Nullable Object> ofUser(String user, long atMs) {
    long viewed = 0;
    double spend = 0;
    Double dearest = null;
    View last = null;
    for (View view : kiosk.views().values()) {
      if (!view.user().equals(user) || view.atMs() > atMs) {
        continue;
      }
      viewed++;
      dearest = dearest == null ? view.price() : Math.max(dearest, view.price());
      last = last == null || view.atMs() >= last.atMs() ? view : last;
      if (view.atMs() > atMs - WINDOW_MS) {
        spend += view.price();
      }
    }
    long bought = 0;
    long lastBuyMs = Long.MIN_VALUE;
    for (Buy buy : kiosk.buys()) {
      if (buy.user().equals(user) && buy.atMs() <= atMs) {
        bought++;
        lastBuyMs = Math.max(lastBuyMs, buy.atMs());
      }
    }
    Map<String, @Nullable Object> features = new LinkedHashMap<>();
    features.put("user_views.n", (double) viewed);
    features.put("user_views.spend_2h", spend);
    features.put("user_views.dearest", dearest);
    features.put("user_views.last_item", last == null ? null : last.item());
    features.put("user_buys.n", (double) bought);
    features.put("user_buys.gap_s", bought == 0 ? null : (atMs - lastBuyMs) / 1000.0);
    return features;
  }

  /** Feature → value of an item at a moment; null where there is none. */
  Map<String, @Nullable Object> ofItem(String item, long atMs) {
    long viewed = 0;
    Double cheapest = null;
    for (View view : kiosk.views().values()) {
      if (view.item().equals(item) && view.atMs() > atMs - WINDOW_MS && view.atMs() <= atMs) {
        viewed++;
        cheapest = cheapest == null ? view.price() : Math.min(cheapest, view.price());
      }
    }
    Map<String, @Nullable Object> features = new LinkedHashMap<>();
    features.put("item_views.n_2h", (double) viewed);
    features.put("item_views.cheapest_2h", cheapest);
    return features;
  }

  /** State → number of events that it is made of, whenever they happened. */
  Map<String, Long> states(String user, String item) {
    Map<String, Long> states = new HashMap<>();
    for (View view : kiosk.views().values()) {
      if (view.user().equals(user)) {
        states.merge("user_views:" + user, 1L, Long::sum);
      }
      if (view.item().equals(item)) {
        states.merge("item_views:" + item, 1L, Long::sum);
      }
    }
    for (Buy buy : kiosk.buys()) {
      if (buy.user().equals(user)) {
        states.merge("user_buys:" + user, 1L, Long::sum);
      }
    }
    return states;
  }

  /** Start of a span → views in it; of spans before a moment. */
  Map<Long, Long> viewsBySpan(long beforeMs) {
    Map<Long, Long> rows = new TreeMap<>();
    for (View view : kiosk.views().values()) {
      if (view.atMs() < beforeMs) {
        rows.merge(Math.floorDiv(view.atMs(), Kiosk.SPAN_MS) * Kiosk.SPAN_MS, 1L, Long::sum);
      }
    }
    return rows;
  }
}
