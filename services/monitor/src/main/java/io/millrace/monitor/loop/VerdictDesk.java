// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.LatestBySpan;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is known of the data: the last verdicts, and an alert while the newest one is bad. */
final class VerdictDesk {
  private static final int VERDICTS_MAX = 2_000;
  private static final String POLICY = "bad-data";

  private final AlertDesk alerts;
  private final Timeline timeline;
  private final LatestBySpan<DataVerdict> verdicts = new LatestBySpan<>(VERDICTS_MAX);
  private boolean live;

  VerdictDesk(AlertDesk alerts, Timeline timeline) {
    this.alerts = alerts;
    this.timeline = timeline;
  }

  /** From now on alerts are raised; those that are owed at once. */
  void live() {
    live = true;
    verdicts.events().forEach(event -> latest(event).ifPresent(this::told));
  }

  void verdict(DataVerdict verdict) {
    DataVerdict before = verdicts.take(verdict).before();
    boolean bad = verdict.status() == DataVerdict.Status.BAD;
    boolean newlyBad = bad && (before == null || before.status() != DataVerdict.Status.BAD);
    if (newlyBad) {
      timeline.add(
          verdict.decidedAtMs(),
          verdict.endMs(),
          "verdict",
          verdict.event() + " " + verdict.span() + " is BAD: " + errors(verdict));
    }
    if (live
        && (newlyBad || (!bad && latest(verdict.event()).filter(verdict::equals).isPresent()))) {
      told(verdict);
    }
  }

  private void told(DataVerdict verdict) {
    if (verdict.status() == DataVerdict.Status.BAD) {
      alerts.raise(
          POLICY,
          verdict.event(),
          "page",
          "data of " + verdict.event() + since(verdict) + " is bad: " + errors(verdict),
          "mend the source; the span is kept out of training",
          Map.of("span", verdict.span(), "rows", Long.toString(verdict.rows())));
    } else {
      alerts.resolve(POLICY, verdict.event(), "span " + verdict.span() + " is good");
    }
  }

  /** A silence covers no time, and what it says when it began. */
  private static String since(DataVerdict verdict) {
    return verdict.startMs() < verdict.endMs() ? " since " + verdict.span() : "";
  }

  private Optional<DataVerdict> latest(String event) {
    return verdicts.newest(event, any -> true);
  }

  private static String errors(DataVerdict verdict) {
    return String.join(
        "; ",
        verdict.anomalies().stream()
            .filter(anomaly -> anomaly.severity().equals("ERROR"))
            .map(DataVerdict.Anomaly::message)
            .toList());
  }

  List<DataVerdict> all() {
    return List.copyOf(verdicts.all());
  }
}
