// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.LatestBySpan;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.contract.SkewJudged.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of training-serving skew: the last verdicts, and an alert while the newest that
 * says anything says that predictions are made of other values than training has.
 */
final class SkewDesk {
  static final String POLICY = "training-serving-skew";

  private static final int VERDICTS_MAX = 2_000;

  private final AlertDesk alerts;
  private final Timeline timeline;
  private final LatestBySpan<SkewJudged> verdicts = new LatestBySpan<>(VERDICTS_MAX);
  private boolean live;

  SkewDesk(AlertDesk alerts, Timeline timeline) {
    this.alerts = alerts;
    this.timeline = timeline;
  }

  /** From now on alerts are raised; those that are owed at once. */
  void live() {
    live = true;
    verdicts.events().forEach(event -> latest(event).ifPresent(this::told));
  }

  void judged(SkewJudged judged) {
    SkewJudged before = verdicts.take(judged).before();
    boolean skewed = judged.status() == Status.SKEWED;
    if (skewed && (before == null || before.status() != Status.SKEWED)) {
      timeline.add(
          judged.decidedAtMs(),
          judged.endMs(),
          "skew",
          judged.event()
              + " "
              + judged.span()
              + " is served otherwise than trained: "
              + reasons(judged));
    }
    if (live && latest(judged.event()).filter(judged::equals).isPresent()) {
      told(judged);
    }
  }

  private void told(SkewJudged judged) {
    if (judged.status() == Status.SKEWED) {
      alerts.raise(
          POLICY,
          judged.event(),
          "page",
          "predictions of " + judged.event() + " in " + judged.span() + ": " + reasons(judged),
          "compare the named predictions with their rows; a bug makes the two, not the world",
          Map.of(
              "span",
              judged.span(),
              "joined",
              Long.toString(judged.joined()),
              "mismatched",
              Long.toString(judged.mismatchedRows())));
    } else {
      alerts.resolve(POLICY, judged.event(), "span " + judged.span() + " is served as trained");
    }
  }

  /** The newest verdict that says anything. */
  private Optional<SkewJudged> latest(String event) {
    return verdicts.newest(event, each -> each.status() != Status.INCONCLUSIVE);
  }

  private static String reasons(SkewJudged judged) {
    return String.join("; ", judged.reasons());
  }

  List<SkewJudged> all() {
    return List.copyOf(verdicts.all());
  }
}
