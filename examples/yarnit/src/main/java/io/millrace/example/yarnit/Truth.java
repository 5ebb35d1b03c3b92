// SPDX-License-Identifier: Apache-2.0
package io.millrace.example.yarnit;

import io.millrace.example.yarnit.World.Impression;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the world knows of every impression, for judging predictions. Thread-safe. */
public final class Truth {
  private final Map<String, Fact> facts = new ConcurrentHashMap<>();

  /**
   * @param shownAtMs event time
   * @param item what was shown
   * @param probability the true one
   * @param clickedAtMs event time of the click; 0 where there was none
   */
  public record Fact(long shownAtMs, String item, double probability, long clickedAtMs) {
    public boolean clicked() {
      return clickedAtMs > 0;
    }
  }

  void record(Impression impression) {
    facts.put(
        impression.id(),
        new Fact(
            impression.shownAtMs(),
            impression.item(),
            impression.probability(),
            impression.clickedAtMs()));
  }

  public Optional<Fact> find(String impressionId) {
    return Optional.ofNullable(facts.get(impressionId));
  }

  /** Impression id → fact, of everything shown up to now. */
  public Map<String, Fact> all() {
    return Map.copyOf(facts);
  }

  /** Impressions shown from one event time (inclusive) to another (exclusive). */
  public long shownBetween(long fromMs, long toMs) {
    return facts.values().stream()
        .filter(fact -> fact.shownAtMs() >= fromMs && fact.shownAtMs() < toMs)
        .count();
  }
}
