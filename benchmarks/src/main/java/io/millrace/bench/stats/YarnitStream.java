// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.example.yarnit.World;
import io.millrace.example.yarnit.World.Impression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * The simulated shop's clicks, as a table of click rates by segment, category, position and time of
 * day foretells them: does a list place get more clicks than the mean? How the shop is watched
 * decides whether anything changes before what is asked for here changes for good.
 */
final class YarnitStream {
  static final int QUIET = 40_000;
  static final int CHANGED = 20_000;

  private static final int LEARNED = 40_000;
  private static final int REFERENCE = 5_000;
  private static final long START_MS = 1_700_000_000_000L;
  private static final long DAY_MS = 86_400_000;
  private static final int SEARCHES_A_DAY = 2_000;

  /** What of the shop is let in. Only {@link #AT_ONE_MOMENT} holds still. */
  enum Shop {
    /**
     * The clock stands, so it is always the same hour and no item is new, and of each list one
     * impression is taken by lot: independent outcomes whose error rate cannot change.
     */
    AT_ONE_MOMENT("at one moment", Clock.STANDS, false, false),
    /** The clock stands; the impressions of a list share a customer. */
    WHOLE_LISTS("at one moment, whole lists", Clock.STANDS, false, true),
    /** The clock runs; no item is new. */
    DAY_AND_NIGHT("with day and night", Clock.RUNS, false, false),
    /** Always the same hour, of one day after the other; twelve items a day are new. */
    NEW_ITEMS("with new items", Clock.SAME_HOUR, true, false),
    /** Everything: day and night, new items, whole lists. */
    AS_IT_COMES("as it comes", Clock.RUNS, true, true);

    private final String label;
    private final Clock clock;
    private final boolean newItems;
    private final boolean wholeLists;

    Shop(String label, Clock clock, boolean newItems, boolean wholeLists) {
      this.label = label;
      this.clock = clock;
      this.newItems = newItems;
      this.wholeLists = wholeLists;
    }

    String label() {
      return label;
    }
  }

  private enum Clock {
    STANDS,
    SAME_HOUR,
    RUNS
  }

  private final Shop shop;
  private final World world;
  private final SplittableRandom random;
  private final Map<List<Object>, long[]> rates = new HashMap<>();
  private double meanRate;
  private long searches;

  private YarnitStream(Shop shop, long seed) {
    this.shop = shop;
    // Items are added with the time since the start: before it there are no new ones.
    world = new World(seed, shop.newItems ? START_MS : Long.MAX_VALUE / 2);
    random = new SplittableRandom(~seed);
  }

  /** People's taste changes: the relation, not the inputs. */
  static OutcomeStream shiftOfTaste(Shop shop, long seed) {
    return of(shop, seed, World::shiftTaste);
  }

  /** Prices come in pence: an input that this model does not use, not the relation. */
  static OutcomeStream priceInPence(Shop shop, long seed) {
    return of(shop, seed, world -> world.setPriceInPence(true));
  }

  private static OutcomeStream of(Shop shop, long seed, Consumer<World> change) {
    YarnitStream stream = new YarnitStream(shop, seed);
    stream.learn();
    List<Outcome> reference = stream.outcomes(REFERENCE);
    List<Outcome> quiet = stream.outcomes(QUIET);
    change.accept(stream.world);
    return new OutcomeStream(reference, quiet, stream.outcomes(CHANGED));
  }

  private void learn() {
    long clicks = 0;
    for (Impression shown : impressions(LEARNED)) {
      long[] cell = rates.computeIfAbsent(cell(shown), _ -> new long[2]);
      cell[shown.isClicked() ? 1 : 0]++;
      clicks += shown.isClicked() ? 1 : 0;
    }
    meanRate = (double) clicks / LEARNED;
  }

  private List<Impression> impressions(int count) {
    List<Impression> all = new ArrayList<>(count);
    while (all.size() < count) {
      List<Impression> list = world.search(nowMs());
      if (shop.wholeLists) {
        all.addAll(list);
      } else {
        all.add(list.get(random.nextInt(list.size())));
      }
      searches++;
    }
    return all;
  }

  private long nowMs() {
    return START_MS
        + switch (shop.clock) {
          case STANDS -> 0;
          case SAME_HOUR -> searches / SEARCHES_A_DAY * DAY_MS;
          case RUNS -> searches * (DAY_MS / SEARCHES_A_DAY);
        };
  }

  private List<Outcome> outcomes(int count) {
    return impressions(count).stream().map(this::outcome).toList();
  }

  private Outcome outcome(Impression shown) {
    long[] cell = rates.getOrDefault(cell(shown), new long[2]);
    // Ten impressions at the mean rate keep rare cells sober.
    double rate = (cell[1] + 10 * meanRate) / (cell[0] + cell[1] + 10);
    return new Outcome(
        Outcome.score(rate, meanRate),
        shown.isClicked(),
        Map.of(
            "segment", shown.segment(),
            "category", shown.category(),
            "position", shown.position(),
            "price", shown.price(),
            "hour", shown.hour()));
  }

  private static List<Object> cell(Impression shown) {
    return List.of(shown.segment(), shown.category(), shown.position(), shown.hour() / 6);
  }
}
