// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.loop;

import io.millrace.bench.stack.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Makes the events of the loop's application: the same ones for the same seed. Not thread-safe. */
final class Views {
  static final int ITEMS = 200;
  private static final int USERS = 5_000;
  private static final int POSITIONS = 10;

  private final SplittableRandom random;
  private final String prefix;
  private int next;

  /**
   * @param prefix of the ids
   */
  Views(long seed, String prefix) {
    this.random = new SplittableRandom(seed);
    this.prefix = prefix;
  }

  /**
   * Next events, their event timestamps spread evenly over a time.
   *
   * @param fromMs first event timestamp
   * @param toMs just after the last one
   */
  List<Message> next(int count, long fromMs, long toMs) {
    List<Message> events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      events.add(event(fromMs + (toMs - fromMs) * i / count, item(random.nextInt(ITEMS))));
    }
    return events;
  }

  /** How many there were up to now. */
  int count() {
    return next;
  }

  static String item(int number) {
    return "item-" + number;
  }

  private Message event(long atMs, String item) {
    int position = 1 + random.nextInt(POSITIONS);
    double price = Math.exp(random.nextGaussian(2, 0.7));
    // A click is likelier high up and for cheap items, so that there is something to learn.
    double odds = Math.exp(1.5 - 0.3 * position - 0.05 * price);
    boolean clicked = random.nextDouble() < odds / (1 + odds);
    String id = prefix + next++;
    String body =
        String.format(
            Locale.ROOT,
            "{\"id\":\"%s\",\"at\":\"%s\",\"user\":\"user-%d\",\"item\":\"%s\",\"position\":%d,"
                + "\"price\":%.2f,\"clicked\":%d}",
            id,
            Instant.ofEpochMilli(atMs),
            random.nextInt(USERS),
            item,
            position,
            price,
            clicked ? 1 : 0);
    return new Message(id, body);
  }
}
