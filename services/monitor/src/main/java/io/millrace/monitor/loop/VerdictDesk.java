// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.common.contract.LatestBySpan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is known of the data: the last verdicts, an alert while the newest span is bad, and one
 * while a source is silent. Spans that are bad for no more than such a silence are recorded and
 * raise nothing: a person was called for it.
 */
final class VerdictDesk {
  private static final String BAD_POLICY = "bad-data";
  private static final String SILENT_POLICY = "source-silent";

  private static final int VERDICTS_MAX = 2_000;

  /** Evidence of a silence: the event time that was reached before. */
  private static final String REACHED_MS = "reachedMs";

  /** Evidence of a silence: those before it that a gap may still be judged of. */
  private static final String EARLIER = "earlier";

  private final AlertDesk alerts;
  private final Timeline timeline;
  private final LatestBySpan<DataVerdict> verdicts = new LatestBySpan<>(VERDICTS_MAX);
  private final Silences silences = new Silences();
  private boolean live;

  VerdictDesk(AlertDesk alerts, Timeline timeline) {
    this.alerts = alerts;
    this.timeline = timeline;
  }

  /** From now on alerts are raised; those that are owed at once. */
  void live() {
    live = true;
    for (String event : verdicts.events()) {
      alerts.find(SILENT_POLICY, event).ifPresent(alert -> remember(event, alert));
      verdicts.find(event, DataVerdict.SILENCE).ifPresent(this::told);
      latest(event).ifPresent(this::told);
    }
  }

  private void remember(String event, AlertRaised alert) {
    silences.restore(event, alert.evidence().getOrDefault(EARLIER, ""));
    String reachedMs = alert.evidence().getOrDefault(REACHED_MS, "");
    if (reachedMs.matches("-?\\d{1,18}")) {
      silences.began(event, Long.parseLong(reachedMs));
    }
  }

  void verdict(DataVerdict verdict) {
    DataVerdict before = verdicts.take(verdict).before();
    boolean bad = bad(verdict);
    if (bad && (before == null || !bad(before))) {
      timeline.add(
          verdict.decidedAtMs(),
          verdict.endMs(),
          "verdict",
          verdict.event() + " " + verdict.span() + " is BAD: " + errors(verdict, Anomaly::message));
    }
    // What was bad for a silence alone has called nobody: it may be bad for more now.
    boolean called = before != null && bad(before) && !silences.explain(before);
    boolean news =
        bad
            ? !called
            : ofSilence(verdict) || latest(verdict.event()).filter(verdict::equals).isPresent();
    if (live && news) {
      told(verdict);
    }
  }

  private void told(DataVerdict verdict) {
    if (ofSilence(verdict)) {
      silence(verdict);
    } else {
      span(verdict);
    }
  }

  private void silence(DataVerdict verdict) {
    String event = verdict.event();
    if (bad(verdict)) {
      silences.began(event, verdict.startMs());
      alerts.raise(
          SILENT_POLICY,
          event,
          "page",
          event + " sends nothing any more: " + errors(verdict, Anomaly::observed),
          "mend the source; spans that only lack its rows call nobody again",
          Map.of(REACHED_MS, Long.toString(verdict.startMs()), EARLIER, silences.ended(event)));
    } else {
      silences.ended(event, verdict.startMs());
      String reached = Instant.ofEpochMilli(verdict.startMs()).toString();
      alerts.resolve(SILENT_POLICY, event, "rows come again, up to " + reached);
    }
  }

  private void span(DataVerdict verdict) {
    if (!bad(verdict)) {
      alerts.resolve(BAD_POLICY, verdict.event(), "span " + verdict.span() + " is good");
    } else if (!silences.explain(verdict)) {
      alerts.raise(
          BAD_POLICY,
          verdict.event(),
          "page",
          "data of "
              + verdict.event()
              + " since "
              + verdict.span()
              + " is bad: "
              + errors(verdict, Anomaly::message),
          "mend the source; the span is kept out of training",
          Map.of("span", verdict.span(), "rows", Long.toString(verdict.rows())));
    }
  }

  private static boolean bad(DataVerdict verdict) {
    return verdict.status() == DataVerdict.Status.BAD;
  }

  private static boolean ofSilence(DataVerdict verdict) {
    return verdict.span().equals(DataVerdict.SILENCE);
  }

  /** The verdict on the newest span, which a silence is none. */
  private Optional<DataVerdict> latest(String event) {
    return verdicts.newest(event, each -> !ofSilence(each));
  }

  private static String errors(DataVerdict verdict, Function<Anomaly, String> text) {
    return String.join("; ", verdict.errors().stream().map(text).toList());
  }

  List<DataVerdict> all() {
    return List.copyOf(verdicts.all());
  }
}
