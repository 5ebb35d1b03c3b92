// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The rows of a shop in which nothing ever changes, in visits: each is several rows of one person
 * within minutes, so that rows depend on each other. Items and towns are of very unequal frequency.
 *
 * @param people how many may come; 0 where everybody who comes is new
 * @param rowsOfVisit most rows of a visit; 1 for independent rows
 * @param visitsOfHour visits of each hour
 */
record VisitRows(int people, int rowsOfVisit, int visitsOfHour) {
  static final long HOUR_MS = 3_600_000;

  private static final String[] SEGMENTS = {"beginner", "knitter", "weaver", "designer"};
  private static final int ITEMS = 300;
  private static final int TOWNS = 400;
  private static final long VISIT_MS = HOUR_MS / 10;

  List<Spans.Row> generate(long seed, int hours) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Spans.Row> rows = new ArrayList<>();
    for (int hour = 0; hour < hours; hour++) {
      for (int visit = 0; visit < visitsOfHour; visit++) {
        visit(random, hour * HOUR_MS + random.nextLong(HOUR_MS - VISIT_MS), rows);
      }
    }
    return rows;
  }

  private void visit(SplittableRandom random, long startMs, List<Spans.Row> rows) {
    long person = people == 0 ? random.nextLong() >>> 1 : random.nextInt(people);
    String visit = Long.toHexString(random.nextLong());
    String town = "town-" + often(random, TOWNS);
    double budget = Math.exp(0.5 * random.nextGaussian());
    boolean signedIn = random.nextInt(10) < 7;
    int size = 1 + random.nextInt(rowsOfVisit);
    for (int i = 0; i < size; i++) {
      Map<String, Object> data = new HashMap<>();
      data.put("row", visit + "-" + i);
      data.put("visit", visit);
      data.put("user", "user-" + person);
      data.put("segment", SEGMENTS[(int) (person % SEGMENTS.length)]);
      data.put("town", town);
      data.put("item", "item-" + often(random, ITEMS));
      data.put("price", budget * Math.exp(2 + 0.5 * random.nextGaussian()));
      if (signedIn) {
        data.put("age", 18 + person % 60);
      }
      rows.add(new Spans.Row(startMs + random.nextLong(VISIT_MS), data));
    }
  }

  /** The first of the numbers are far more frequent than the others. */
  private static int often(SplittableRandom random, int size) {
    return (int) (size * Math.pow(random.nextDouble(), 3));
  }
}
