// SPDX-License-Identifier: Apache-2.0
package io.millrace.example.yarnit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The truth of the shop: who comes, what is shown, and with which probability it is clicked.
 *
 * <p>{@code logit p = −2.2 + taste[segment][category] + appeal[item] − 0.30 (position − 1) + 0.4
 * sin(2π (hour − 14)/24) − 0.5 ln(price / 12)}. Taste is a table of four segments of people and
 * four categories of yarn; when taste shifts its columns are exchanged, so that the inputs stay
 * what they were and only the relation changes (concept drift and nothing else). A unit bug
 * upstream writes the price in pence; people still see pounds, so the truth stays and only the
 * input changes. Appeal is normal with deviation 0.5; new items come all the time and have no
 * history. Not thread-safe.
 */
public final class World {
  /** Kinds of people. */
  public static final List<String> SEGMENTS = List.of("beginner", "knitter", "weaver", "designer");

  /** Kinds of yarn. */
  public static final List<String> CATEGORIES = List.of("wool", "cotton", "silk", "acrylic");

  /** Items in a result list. */
  public static final int LIST_LENGTH = 5;

  private static final double[][] TASTE = {
    {0.2, 0.9, -1.6, 1.4},
    {1.5, 0.1, -0.4, -1.4},
    {-0.9, 1.5, 0.3, -1.2},
    {-0.2, -1.3, 1.7, -0.8}
  };

  private static final int[] SHIFTED = {3, 2, 1, 0};
  private static final int USERS = 600;
  private static final int ITEMS_AT_FIRST = 120;
  private static final double NEW_ITEM_EVERY_HOURS = 2;
  private static final double PENCE = 100;

  private final SplittableRandom random;
  private final List<Item> items = new ArrayList<>();
  private final long startMs;
  private boolean tasteShifted;
  private boolean priceInPence;

  private record Item(String id, int category, double price, double appeal) {}

  /**
   * One item shown.
   *
   * @param shownAtMs event time
   * @param price as sent, wrong while the unit bug lasts
   * @param probability the true one
   * @param clickedAtMs event time of the click; 0 where there is none
   */
  public record Impression(
      String id,
      long shownAtMs,
      String user,
      String item,
      String segment,
      String category,
      int position,
      double price,
      int hour,
      double probability,
      long clickedAtMs) {

    public boolean isClicked() {
      return clickedAtMs > 0;
    }
  }

  public World(long seed, long startMs) {
    this.random = new SplittableRandom(seed);
    this.startMs = startMs;
    for (int i = 0; i < ITEMS_AT_FIRST; i++) {
      addItem();
    }
  }

  /** From now on people like something else. */
  public void shiftTaste() {
    tasteShifted = !tasteShifted;
  }

  /** From now on prices are sent in pence, or in pounds again. */
  public void setPriceInPence(boolean pence) {
    priceInPence = pence;
  }

  /** Relative traffic at a time of day, 0.7 to 1.3. */
  public static double traffic(long atMs) {
    return 1 + 0.3 * Math.sin(2 * Math.PI * (hourOf(atMs) - 12) / 24);
  }

  /** Somebody searches: a list of items, shown within the same second. */
  public List<Impression> search(long atMs) {
    while (items.size() < ITEMS_AT_FIRST + (atMs - startMs) / (NEW_ITEM_EVERY_HOURS * 3_600_000)) {
      addItem();
    }
    int user = random.nextInt(USERS);
    int segment = user % SEGMENTS.size();
    String session = Long.toHexString(random.nextLong());
    List<Impression> list = new ArrayList<>(LIST_LENGTH);
    for (int position = 1; position <= LIST_LENGTH; position++) {
      // New items are shown more often than old ones.
      int back = (int) Math.floor(Math.pow(random.nextDouble(), 1.5) * items.size());
      Item item = items.get(items.size() - 1 - back);
      list.add(show(session + "-" + position, atMs + position, user, segment, item, position));
    }
    return list;
  }

  private Impression show(String id, long atMs, int user, int segment, Item item, int position) {
    int hour = hourOf(atMs);
    int taste = tasteShifted ? SHIFTED[item.category()] : item.category();
    double logit =
        -2.2
            + TASTE[segment][taste]
            + item.appeal()
            - 0.30 * (position - 1)
            + 0.4 * Math.sin(2 * Math.PI * (hour - 14) / 24)
            - 0.5 * Math.log(item.price() / 12);
    double probability = 1 / (1 + Math.exp(-logit));
    long clickedAtMs =
        random.nextDouble() < probability ? atMs + 1_000 + random.nextLong(10 * 60_000) : 0;
    double sent = priceInPence ? item.price() * PENCE : item.price();
    return new Impression(
        id,
        atMs,
        "user-" + user,
        item.id(),
        SEGMENTS.get(segment),
        CATEGORIES.get(item.category()),
        position,
        sent,
        hour,
        probability,
        clickedAtMs);
  }

  private void addItem() {
    double price = Math.round(Math.exp(Math.log(12) + 0.6 * gaussian()) * 100) / 100.0;
    items.add(
        new Item(
            "item-" + items.size(),
            random.nextInt(CATEGORIES.size()),
            Math.clamp(price, 2, 80),
            0.5 * gaussian()));
  }

  private double gaussian() {
    return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
        * Math.cos(2 * Math.PI * random.nextDouble());
  }

  private static int hourOf(long atMs) {
    return (int) Math.floorMod(atMs / 3_600_000, 24L);
  }
}
