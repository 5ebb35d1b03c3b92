// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.example.yarnit.World;
import io.millrace.example.yarnit.World.Impression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The simulated shop's clicks, as a table of click rates by segment, category, position and time of
 * day foretells them: does a list place get more clicks than the mean? The shop has its own day and
 * night and new items all the time; only what is asked for here changes for good.
 */
final class YarnitStream {
  static final int QUIET = 40_000;
  static final int CHANGED = 20_000;

  private static final int LEARNED = 40_000;
  private static final int REFERENCE = 5_000;
  private static final long START_MS = 1_700_000_000_000L;
  // Ten thousand impressions a day.
  private static final long SEARCH_EVERY_MS = 43_200;

  private final World world;
  private final Map<List<Object>, long[]> rates = new HashMap<>();
  private double meanRate;
  private long atMs = START_MS;

  private YarnitStream(long seed) {
    world = new World(seed, START_MS);
  }

  /** People's taste changes: the relation, not the inputs. */
  static OutcomeStream shiftOfTaste(long seed) {
    return of(seed, World::shiftTaste);
  }

  /** Prices come in pence: an input that this model does not use, not the relation. */
  static OutcomeStream priceInPence(long seed) {
    return of(seed, world -> world.setPriceInPence(true));
  }

  private static OutcomeStream of(long seed, Consumer<World> change) {
    YarnitStream stream = new YarnitStream(seed);
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
      all.addAll(world.search(atMs));
      atMs += SEARCH_EVERY_MS;
    }
    return all;
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
