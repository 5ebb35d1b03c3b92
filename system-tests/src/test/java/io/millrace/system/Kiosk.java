// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A kiosk where people view things and buy some of them, mostly the cheap ones. Makes messages with
 * the faults of real producers (late, out of order, repeated, malformed) and keeps what it made:
 * the oracle is computed from that alone. Prices are multiples of a quarter, so that their sums are
 * exact in any order. Not thread-safe.
 */
final class Kiosk {
  /** Event time at which the kiosk opens. */
  static final long OPENS_MS = Instant.parse("2026-03-02T06:00:00Z").toEpochMilli();

  static final long HOUR_MS = Duration.ofHours(1).toMillis();
  static final long BUYS_WITHIN_MS = Duration.ofMinutes(10).toMillis();
  static final long SPAN_MS = Duration.ofMinutes(30).toMillis();
  static final int USERS = 60;
  static final int ITEMS = 25;

  private static final double CHEAP = 50;
  private static final long BUYS_AT_MOST_AFTER_MS = Duration.ofMinutes(12).toMillis();
  private static final long JITTER_MS = Duration.ofMinutes(3).toMillis();
  private static final long LATE_MS = Duration.ofMinutes(10).toMillis();
  private static final double OVER_KAFKA = 0.4;

  private final SplittableRandom random;
  private final Map<String, View> views = new LinkedHashMap<>();
  private final List<Buy> buys = new ArrayList<>();
  private final TreeSet<String> malformed = new TreeSet<>();
  private long repeated;

  Kiosk(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Something was looked at. */
  record View(String id, long atMs, String user, String item, double price) {
    String json() {
      return String.format(
          Locale.ROOT,
          "{\"viewId\":\"%s\",\"at\":%d,\"user\":\"%s\",\"item\":\"%s\",\"price\":%.2f}",
          id,
          atMs,
          user,
          item,
          price);
    }
  }

  /** Something was bought after it was looked at. */
  record Buy(String id, String viewId, long atMs, String user, String item) {
    String json() {
      return String.format(
          Locale.ROOT,
          "{\"buyId\":\"%s\",\"viewId\":\"%s\",\"at\":%d,\"user\":\"%s\",\"item\":\"%s\"}",
          id,
          viewId,
          atMs,
          user,
          item);
    }
  }

  /**
   * One message on its way.
   *
   * @param dueMs event time at which it is sent
   * @param overKafka whether it goes straight to the raw topic
   */
  record Message(String event, String json, long dueMs, boolean overKafka) {}

  /** The application. */
  static String definition(String app, int minimumRows) {
    return """
    apiVersion: millrace/v1
    kind: Application
    metadata: {name: %s, owner: kiosk@example.com, description: Will what is viewed be bought?}
    events:
      view:
        time: {field: at, format: epoch_ms}
        id: viewId
        allowedLateness: 2h
        schema:
          required: [viewId, user, item, price]
          properties:
            viewId: {type: string, maxLength: 40}
            at: {type: integer}
            user: {type: string, maxLength: 40}
            item: {type: string, maxLength: 40}
            price: {type: number, minimum: 0}
      buy:
        time: {field: at, format: epoch_ms}
        id: buyId
        allowedLateness: 2h
        schema:
          required: [buyId, viewId, user, item]
          properties:
            buyId: {type: string, maxLength: 40}
            viewId: {type: string, maxLength: 40}
            at: {type: integer}
            user: {type: string, maxLength: 40}
            item: {type: string, maxLength: 40}
    entities:
      user: {key: user}
      item: {key: item}
    featureViews:
      user_views:
        source: view
        entity: user
        features:
          n: {aggregate: count}
          spend_2h: {aggregate: sum, of: price, window: 2h}
          dearest: {aggregate: max, of: price}
          last_item: {aggregate: last, of: item}
      item_views:
        source: view
        entity: item
        features:
          n_2h: {aggregate: count, window: 2h}
          cheapest_2h: {aggregate: min, of: price, window: 2h}
      user_buys:
        source: buy
        entity: user
        features:
          n: {aggregate: count}
          gap_s: {aggregate: time_since_last}
    label:
      name: bought
      decidedAt: view
      positive: {event: buy, on: viewId, within: 10m}
      otherwise: 0
    model:
      task: binary
      features:
        [user_views.n, user_views.spend_2h, item_views.n_2h, item_views.cheapest_2h, user_buys.n,
         user_buys.gap_s, event.price]
      algorithm: {kind: logistic}
      search: {kind: none}
      split: {kind: time, eval: 20%%}
    gates:
      auc: {atLeast: 0.55}
      minimumRows: 100
    rollout: {kind: immediate}
    monitor:
      drift: "off"
      window: 1000 rows
      retrain: {onFirstData: true, onDrift: false, minimumRows: %d}
    validation:
      span: 30m
    """
        .formatted(app, minimumRows);
  }

  /** An hour of business with its faults, in the order of sending. */
  List<Message> hour(long fromMs, int viewCount) {
    List<Message> messages = new ArrayList<>();
    long stepMs = HOUR_MS / viewCount;
    for (int i = 0; i < viewCount; i++) {
      View view =
          view(fromMs + i * stepMs, "u" + random.nextInt(USERS), "item" + random.nextInt(ITEMS));
      send(messages, "view", view.json(), view.atMs());
      if (random.nextDouble() < (view.price() < CHEAP ? 0.5 : 0.05)) {
        Buy buy = buy(view, 1 + random.nextLong(BUYS_AT_MOST_AFTER_MS));
        send(messages, "buy", buy.json(), buy.atMs());
      }
      if (random.nextInt(100) == 0) {
        messages.add(malformed(view));
      }
    }
    messages.sort(Comparator.comparingLong(Message::dueMs));
    return messages;
  }

  /** Views of people who buy nothing, so late that everything before them is over. */
  List<Message> closers(long atMs) {
    List<Message> messages = new ArrayList<>();
    // Enough of them that every partition hears the time from every other.
    for (int i = 0; i < 200; i++) {
      View view = view(atMs + i, "closer" + i, "closing");
      messages.add(new Message("view", view.json(), view.atMs(), i % 2 == 0));
    }
    return messages;
  }

  private View view(long atMs, String user, String item) {
    View view = new View("v" + views.size(), atMs, user, item, (1 + random.nextInt(400)) * 0.25);
    views.put(view.id(), view);
    return view;
  }

  private Buy buy(View view, long afterMs) {
    Buy buy =
        new Buy("b" + buys.size(), view.id(), view.atMs() + afterMs, view.user(), view.item());
    buys.add(buy);
    return buy;
  }

  private void send(List<Message> messages, String event, String json, long atMs) {
    int fault = random.nextInt(100);
    long dueMs = atMs;
    if (fault < 5) {
      dueMs += random.nextLong(JITTER_MS);
    } else if (fault == 5) {
      dueMs += random.nextLong(LATE_MS);
    }
    messages.add(new Message(event, json, dueMs, random.nextDouble() < OVER_KAFKA));
    if (random.nextInt(100) < 3) {
      repeated++;
      messages.add(
          new Message(
              event, json, dueMs + random.nextLong(JITTER_MS), random.nextDouble() < OVER_KAFKA));
    }
  }

  private Message malformed(View like) {
    String id = "bad" + malformed.size();
    malformed.add(id);
    View bad = new View(id, like.atMs(), like.user(), like.item(), like.price());
    String json =
        malformed.size() % 2 == 0
            ? bad.json().replaceFirst("\"price\":[0-9.]+", "\"price\":\"cheap\"")
            : bad.json().replaceFirst("\"user\":\"[^\"]*\",", "");
    return new Message("view", json, like.atMs(), random.nextDouble() < OVER_KAFKA);
  }

  /** Id → view, in the order of making. */
  Map<String, View> views() {
    return views;
  }

  List<Buy> buys() {
    return buys;
  }

  /** Ids of messages that must be refused. */
  TreeSet<String> malformedIds() {
    return malformed;
  }

  /** Messages that were sent a second time. */
  long repeated() {
    return repeated;
  }
}
