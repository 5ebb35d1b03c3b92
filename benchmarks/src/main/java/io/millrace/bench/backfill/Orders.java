// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.backfill;

import io.millrace.bench.stack.Message;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.Fields;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Four months of orders, and those that come while they are worked through again. Sums are kept by
 * plain additions beside them: what features must be in the end. Not thread-safe.
 */
final class Orders {
  static final String APP = "backfill";
  static final String EVENT = "order";
  static final String ENTITY = "customer";
  static final String VIEW = "spend";

  static final int CUSTOMERS = 10_000;
  static final int PAST = 1_500_000;

  /** One in so many customers orders nothing any more. */
  private static final int SILENT = 10;

  private static final int AMOUNT_BOUND = 1_000;
  private static final long SEED = 11;
  private static final double OLD_SHARE = 0.2;

  /**
   * Between what is too old for a window of 90 days and what is in it there are no orders, so that
   * neither its granularity nor the minutes of a run decide about one.
   */
  private static final long[] OLD_DAYS = {120, 92};

  private static final long[] COUNTED_DAYS = {88, 0};

  private final int[] customers = new int[PAST];
  private final int[] amounts = new int[PAST];
  private final long[] times = new long[PAST];
  private final long[] orders = new long[CUSTOMERS];
  private final long[] amounts90 = new long[CUSTOMERS];
  private final SplittableRandom live = new SplittableRandom(SEED + 1);
  private int liveOrders;

  /** Takes an order of the past. */
  @FunctionalInterface
  interface Past {
    /**
     * @param customer from 0
     * @param fields the amount alone
     */
    void order(int customer, Map<String, Object> fields, long timeMs);
  }

  /** Those of the four months up to a moment. */
  Orders(long nowMs) {
    SplittableRandom random = new SplittableRandom(SEED);
    int old = (int) (PAST * OLD_SHARE);
    for (int i = 0; i < PAST; i++) {
      boolean counts = i >= old;
      customers[i] = random.nextInt(CUSTOMERS);
      amounts[i] = random.nextInt(1, AMOUNT_BOUND);
      times[i] =
          nowMs
              - (counts
                  ? daysBefore(COUNTED_DAYS, (double) (i - old) / (PAST - old))
                  : daysBefore(OLD_DAYS, (double) i / old));
      count(customers[i], amounts[i], counts);
    }
  }

  private static long daysBefore(long[] fromTo, double share) {
    return (long) ((fromTo[0] + (fromTo[1] - fromTo[0]) * share) * Duration.ofDays(1).toMillis());
  }

  private void count(int customer, int amount, boolean within90Days) {
    orders[customer]++;
    amounts90[customer] += within90Days ? amount : 0;
  }

  static String key(int customer) {
    return "customer-" + customer;
  }

  /** A customer who orders nothing any more. */
  static int silent(SplittableRandom random) {
    return random.nextInt(CUSTOMERS / SILENT) * SILENT;
  }

  /** Those of the past in order, as ingest would put them onto their topic. */
  void eachPast(Consumer<Event> sink) {
    for (int i = 0; i < PAST; i++) {
      String key = key(customers[i]);
      String id = "p-" + i;
      sink.accept(
          new Event(
              APP,
              EVENT,
              id,
              key,
              times[i],
              times[i],
              Map.of("id", id, ENTITY, key, "amount", (long) amounts[i])));
    }
  }

  /** The same without what surrounds an amount. */
  void eachAmount(Past sink) {
    Fields[] fields = new Fields[AMOUNT_BOUND];
    for (int amount = 0; amount < AMOUNT_BOUND; amount++) {
      fields[amount] = new Fields(new String[] {"amount"}, new Object[] {(long) amount}, 1);
    }
    for (int i = 0; i < PAST; i++) {
      sink.order(customers[i], fields[amounts[i]], times[i]);
    }
  }

  /** Some that come now, of customers that are not silent. */
  List<Message> next(int count, Instant at) {
    List<Message> messages = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int customer = live.nextInt(CUSTOMERS / SILENT) * SILENT + live.nextInt(1, SILENT);
      int amount = live.nextInt(1, AMOUNT_BOUND);
      String id = "l-" + liveOrders++;
      count(customer, amount, true);
      messages.add(
          new Message(
              id,
              "{\"id\":\"%s\",\"at\":\"%s\",\"customer\":\"%s\",\"amount\":%d}"
                  .formatted(id, at, key(customer), amount)));
    }
    return messages;
  }

  /** How many there have been. */
  long count() {
    return (long) PAST + liveOrders;
  }

  /** How many a customer has ordered up to now. */
  long orders(int customer) {
    return orders[customer];
  }

  /** The sum of a customer's amounts in the last 90 days. */
  long amounts90(int customer) {
    return amounts90[customer];
  }
}
