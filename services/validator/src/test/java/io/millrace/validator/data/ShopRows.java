// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A made-up shop stream that is honest and lively: a daily and a weekly rhythm, growth, new items
 * and countries, a slow change of taste and of prices, a counter, a column that is often missing,
 * and visits of several rows so that rows are not independent.
 */
final class ShopRows {
  private static final long HOUR_MS = 3_600_000;
  private static final String[] DEVICES = {"phone", "desktop", "tablet"};

  private ShopRows() {}

  static List<Spans.Row> generate(long seed, int hours, int rowsPerHour) {
    Random random = new Random(seed);
    List<Spans.Row> rows = new ArrayList<>();
    long counter = 0;
    for (int hour = 0; hour < hours; hour++) {
      double rhythm =
          (1 + 0.7 * Math.sin(2 * Math.PI * (hour - 9) / 24))
              * (hour / 24 % 7 >= 5 ? 0.7 : 1)
              * (1 + 0.5 * hour / hours);
      int wanted = (int) Math.max(1, rowsPerHour * rhythm * (0.9 + 0.2 * random.nextDouble()));
      int made = 0;
      while (made < wanted) {
        int visit = 1 + random.nextInt(12);
        made += visit;
        visit(random, rows, hour, hours, visit, counter);
        counter += visit;
      }
    }
    return rows;
  }

  private static void visit(
      Random random, List<Spans.Row> rows, int hour, int hours, int size, long counter) {
    double progress = (double) hour / hours;
    int items = 40 + (int) (200 * progress);
    String user = "u" + random.nextInt(500 + hour * 5);
    String device = DEVICES[random.nextDouble() < 0.5 + 0.2 * progress ? 0 : 1 + random.nextInt(2)];
    int countries = 4 + (int) (20 * progress);
    String country = "c" + (int) (countries * Math.pow(random.nextDouble(), 3));
    boolean signedIn = random.nextDouble() < 0.4;
    double budget = Math.exp(random.nextGaussian() * 0.4);
    for (int i = 0; i < size; i++) {
      Map<String, Object> data = new HashMap<>();
      data.put("user", user);
      data.put("device", device);
      data.put("country", country);
      data.put("item", "i" + (int) (items * Math.pow(random.nextDouble(), 2)));
      data.put("position", (long) (1 + random.nextInt(10)));
      data.put(
          "price",
          Math.round(
                  100 * budget * Math.exp(2 + 0.8 * random.nextGaussian()) * (1 + 0.2 * progress))
              / 100.0);
      data.put("dwell_s", -Math.log(1 - random.nextDouble()) * (20 + 10 * Math.sin(hour / 4.0)));
      data.put("sequence", counter + i);
      if (signedIn) {
        data.put("age", (long) (18 + random.nextInt(60)));
      }
      data.put("new", random.nextBoolean());
      rows.add(new Spans.Row(hour * HOUR_MS + random.nextInt((int) HOUR_MS), data));
    }
  }
}
