// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What has to be reached, in order, and when it was. Not thread-safe. */
final class Milestones {
  private final Map<Milestone, Double> reached = new LinkedHashMap<>();
  private final long startNanos;

  Milestones(long startNanos) {
    this.startNanos = startNanos;
  }

  /** One thing to reach, what it means and where to look when it is not. */
  enum Milestone {
    STACK_UP("the stack is up", "millrace logs"),
    APPLIED("the application is applied", "millrace logs ingest"),
    EVENTS_ACCEPTED("events are accepted over HTTP and Kafka", "millrace logs ingest"),
    FEATURES_ONLINE("features can be read online", "millrace logs feature-store"),
    LABELS_JOINED("labels are joined, implicit negatives too", "millrace logs feature-store"),
    DATA_VERDICT_GOOD("a span of data is judged good", "millrace logs validator"),
    MODEL_TRAINED("a model version is packaged", "millrace logs trainer"),
    MODEL_BLESSED("the version passed its gates", "millrace logs validator"),
    CHAMPION("the version is champion", "millrace logs monitor"),
    PREDICTIONS_PUSHED("predictions are pushed on live impressions", "millrace logs inference"),
    OUTCOMES_JOINED("outcomes are joined to predictions", "millrace logs monitor"),
    CONCEPT_DRIFT_DETECTED("the shift of taste is detected", "millrace logs monitor"),
    RETRAINING_REQUESTED("a training run is asked for", "millrace logs monitor"),
    RETRAINED_PROMOTED(
        "the new version beat the champion and took over", "millrace logs validator"),
    QUALITY_RECOVERED("quality is back", "the monitor's page"),
    UNIT_BUG_DETECTED("the unit bug is detected and named", "millrace logs monitor"),
    BAD_SPAN_REFUSED("the data verdict names the bad span", "millrace logs validator"),
    BAD_UNIT_NOT_LEARNED("no training on the bad span", "millrace logs trainer"),
    RECOVERED_AFTER_BUG("quality is back once the bug is mended", "the monitor's page"),
    BOOKS_BALANCE("the platform's books equal the shop's", "millrace logs ingest");

    private final String meaning;
    private final String whereToLook;

    Milestone(String meaning, String whereToLook) {
      this.meaning = meaning;
      this.whereToLook = whereToLook;
    }

    String id() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    String meaning() {
      return meaning;
    }

    String whereToLook() {
      return whereToLook;
    }
  }

  /** Seconds since the start, to a tenth. */
  double elapsedS() {
    return Math.round((System.nanoTime() - startNanos) / 1e8) / 10.0;
  }

  void reach(Milestone milestone) {
    reached.putIfAbsent(milestone, elapsedS());
  }

  boolean isReached(Milestone milestone) {
    return reached.containsKey(milestone);
  }

  /** The first one that was not reached. */
  Optional<Milestone> firstMissing() {
    for (Milestone milestone : Milestone.values()) {
      if (!isReached(milestone)) {
        return Optional.of(milestone);
      }
    }
    return Optional.empty();
  }

  /**
   * @param at seconds since the start
   */
  record Reached(boolean reached, @Nullable Double at) {}

  Map<String, Reached> view() {
    Map<String, Reached> view = new LinkedHashMap<>();
    for (Milestone milestone : Milestone.values()) {
      view.put(milestone.id(), new Reached(isReached(milestone), reached.get(milestone)));
    }
    return view;
  }
}
