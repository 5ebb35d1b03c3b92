// SPDX-License-Identifier: Apache-2.0
package io.millrace.example.yarnit;

import io.millrace.example.yarnit.Delivery.Fate;
import io.millrace.example.yarnit.World.Impression;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Turns the world's impressions into messages, with the faults of real producers: a share arrives
 * late, out of order, twice, or malformed. A repetition is sent well after the original, so that it
 * is the repetition that is the duplicate, whichever way each takes. Not thread-safe.
 */
final class Traffic {
  static final double LATE = 0.01;
  static final double OUT_OF_ORDER = 0.05;
  static final double TWICE = 0.01;
  static final double MALFORMED = 0.005;

  private static final long LATE_MS = 10 * 60_000;
  private static final long JITTER_MS = 60_000;
  private static final long REPEAT_AFTER_MS = 60 * 60_000;

  private final World world;
  private final SplittableRandom random;
  private final PriorityQueue<Delivery> pending = new PriorityQueue<>();
  private final Consumer<Impression> ledger;
  private long malformed;

  /**
   * @param ledger told of every impression before it is sent
   */
  Traffic(World world, long seed, Consumer<Impression> ledger) {
    this.world = world;
    this.random = new SplittableRandom(seed);
    this.ledger = ledger;
  }

  /** Somebody searches at this event time. */
  void search(long atMs) {
    for (Impression impression : world.search(atMs)) {
      ledger.accept(impression);
      deliver("impression", json(impression), impression.shownAtMs());
      if (impression.isClicked()) {
        deliver("click", click(impression), impression.clickedAtMs());
      }
      if (random.nextDouble() < MALFORMED) {
        pending.add(malformed(impression));
      }
    }
  }

  /** What is due by now, in sending order. */
  List<Delivery> due(long nowMs) {
    List<Delivery> due = new ArrayList<>();
    while (!pending.isEmpty() && pending.peek().dueMs() <= nowMs) {
      due.add(pending.poll());
    }
    return due;
  }

  int waiting() {
    return pending.size();
  }

  private void deliver(String event, String json, long atMs) {
    double fault = random.nextDouble();
    long dueMs = atMs;
    if (fault < LATE) {
      dueMs += LATE_MS + random.nextLong(LATE_MS);
    } else if (fault < LATE + OUT_OF_ORDER) {
      dueMs += random.nextLong(JITTER_MS);
    }
    pending.add(new Delivery(event, json, dueMs, Fate.ACCEPTED));
    if (random.nextDouble() < TWICE) {
      pending.add(new Delivery(event, json, dueMs + REPEAT_AFTER_MS, Fate.DUPLICATE));
    }
  }

  /** Every kind of broken message in turn; each is refused for another reason. */
  private Delivery malformed(Impression impression) {
    String good = json(impression).replace(impression.id(), "bad-" + malformed);
    String bad =
        switch ((int) (malformed++ % 5)) {
          case 0 -> good.replace("\"position\":" + impression.position(), "\"position\":\"first\"");
          case 1 -> good.replace(",\"item\":\"" + impression.item() + "\"", "");
          case 2 ->
              good.replace("\"category\":\"" + impression.category(), "\"category\":\"string");
          case 3 -> good.replaceFirst("\"shownAt\":\"[^\"]*\"", "\"shownAt\":\"yesterday\"");
          default -> good.replaceFirst("\"price\":[0-9.]+", "\"price\":-1");
        };
    return new Delivery("impression", bad, impression.shownAtMs(), Fate.REJECTED);
  }

  private static String json(Impression shown) {
    return String.format(
        Locale.ROOT,
        "{\"impressionId\":\"%s\",\"shownAt\":\"%s\",\"user\":\"%s\",\"item\":\"%s\","
            + "\"segment\":\"%s\",\"category\":\"%s\",\"position\":%d,\"price\":%.2f,\"hour\":%d}",
        shown.id(),
        Instant.ofEpochMilli(shown.shownAtMs()),
        shown.user(),
        shown.item(),
        shown.segment(),
        shown.category(),
        shown.position(),
        shown.price(),
        shown.hour());
  }

  private static String click(Impression shown) {
    return String.format(
        Locale.ROOT,
        "{\"clickId\":\"c-%s\",\"impressionId\":\"%s\",\"clickedAt\":\"%s\",\"user\":\"%s\","
            + "\"item\":\"%s\"}",
        shown.id(),
        shown.id(),
        Instant.ofEpochMilli(shown.clickedAtMs()),
        shown.user(),
        shown.item());
  }
}
