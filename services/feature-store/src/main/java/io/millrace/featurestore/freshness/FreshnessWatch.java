// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.freshness;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.Durations;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.featurestore.alert.Alerts;
import io.millrace.featurestore.progress.Freshness;
import io.millrace.featurestore.progress.Measures;
import io.millrace.featurestore.progress.ProgressBoard;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The age of the newest event that can be served of each view, and an alert where it exceeds what
 * the definition declares: whether nothing comes or what comes gets stuck, the age grows. After a
 * start the age counts from the start until the first event. Thread-safe.
 */
public final class FreshnessWatch {
  private final Freshness freshness;
  private final ProgressBoard board;
  private final Function<String, Optional<String>> streams;
  private final Alerts alerts;
  private final Measures measures;
  private final InstantSource clock;
  private final long startMs;

  /**
   * @param streams application → id of the streams application whose features answer
   */
  public FreshnessWatch(
      Freshness freshness,
      ProgressBoard board,
      Function<String, Optional<String>> streams,
      Alerts alerts,
      Measures measures,
      InstantSource clock) {
    this.freshness = freshness;
    this.board = board;
    this.streams = streams;
    this.alerts = alerts;
    this.measures = measures;
    this.clock = clock;
    this.startMs = clock.millis();
  }

  /**
   * A view as this instance sees it.
   *
   * @param newestAcceptedMs wall clock of the acceptance of the newest servable event; null before
   *     the first since the start
   * @param ageMs of that event, or of the start
   * @param events that became servable within the last five minutes
   * @param p50Ms from acceptance to servable; null without events
   * @param boundMs the age that was declared; null means any
   * @param fresh whether the age is within the bound
   */
  public record ViewFreshness(
      String source,
      String entity,
      @Nullable Long newestAcceptedMs,
      long ageMs,
      long events,
      @Nullable Double p50Ms,
      @Nullable Double p99Ms,
      @Nullable Long boundMs,
      boolean fresh) {}

  /** The views of an application of which this instance has a part. */
  public Map<String, ViewFreshness> of(ApplicationDefinition definition) {
    Map<String, ViewFreshness> views = new LinkedHashMap<>();
    String id = streams.apply(definition.name()).orElse("");
    definition
        .featureViews()
        .forEach(
            (name, view) -> {
              String group = view.source() + "-" + view.entity();
              if (board.has(id, "state-" + group)) {
                views.put(name, view(definition.name(), group, view));
              }
            });
    return views;
  }

  private ViewFreshness view(String app, String group, FeatureViewDefinition view) {
    long now = clock.millis();
    Optional<Freshness.Seen> seen = freshness.of(app, group, now);
    Long newest = seen.map(Freshness.Seen::newestAcceptedMs).orElse(null);
    long age = Math.max(0, now - (newest == null ? startMs : newest));
    Long bound = view.freshness() == null ? null : Durations.parse(view.freshness()).toMillis();
    return new ViewFreshness(
        view.source(),
        view.entity(),
        newest,
        age,
        seen.map(Freshness.Seen::events).orElse(0L),
        seen.map(Freshness.Seen::p50Ms).orElse(null),
        seen.map(Freshness.Seen::p99Ms).orElse(null),
        bound,
        bound == null || age <= bound);
  }

  /** Measures every view of an application, raises and resolves its alerts. */
  public void round(ApplicationDefinition definition) {
    of(definition)
        .forEach(
            (name, view) -> {
              measures.age(definition.name(), name, (double) view.ageMs());
              Long bound = view.boundMs();
              if (view.fresh()) {
                alerts.resolve(
                    definition.name(), name, "The view is fresh again, or may be of any age.");
              } else if (bound != null) {
                stale(definition.name(), name, view, bound);
              }
            });
  }

  private void stale(String app, String name, ViewFreshness view, long boundMs) {
    alerts.raise(
        app,
        name,
        "The newest event of view "
            + name
            + " that can be served is "
            + Duration.ofMillis(view.ageMs()).toSeconds()
            + " s old; "
            + Duration.ofMillis(boundMs).toSeconds()
            + " s are declared.",
        "Look whether events of '"
            + view.source()
            + "' arrive (books of ingest), and whether the feature store keeps up (lag in GET"
            + " /v1/applications/"
            + app
            + "/progress).",
        Map.of(
            "ageMs",
            Long.toString(view.ageMs()),
            "boundMs",
            Long.toString(boundMs),
            "source",
            view.source()));
  }

  /** Forgets an application that is gone. */
  public void forget(String app) {
    freshness.forget(app);
    alerts.forget(app);
  }
}
