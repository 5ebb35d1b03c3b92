// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.definition.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Has a source fallen silent? By the longest time without rows that its application allows, or, by
 * default, by its habit. Either is an ERROR, since nothing else would tell a person: see {@link
 * SeverityOverrides} for those who do not want it.
 */
public final class SilenceCheck {
  private SilenceCheck() {}

  /**
   * @param quietMs time since the last row, by wall clock
   * @param habit a quiet that is longer than the habit, if it is
   * @return one finding, or none
   */
  public static List<DataVerdict.Anomaly> check(
      EventFacts facts, long quietMs, long nowMs, Optional<Pulse.Silence> habit) {
    Findings findings = new Findings();
    String allowed = facts.asked().freshness();
    if (allowed != null) {
      if (quietMs > Durations.parse(allowed).toMillis()) {
        tell(findings, nowMs - quietMs, nowMs, "a row at least every " + allowed);
      }
    } else {
      habit.ifPresent(
          silence ->
              tell(
                  findings,
                  silence.sinceMs(),
                  nowMs,
                  String.format(
                      Locale.ROOT,
                      "rows, by the last four weeks: so long a quiet at this time has a chance of"
                          + " %.1g",
                      silence.chance())));
    }
    return facts.overrides().lasting(findings.all());
  }

  private static void tell(Findings findings, long sinceMs, long nowMs, String expected) {
    findings.error(
        null,
        AnomalyKind.SOURCE_SILENT,
        "no row for %s, since %s"
            .formatted(Duration.ofSeconds((nowMs - sinceMs) / 1000), Instant.ofEpochMilli(sinceMs)),
        expected,
        "the source has fallen silent");
  }

  /** What the findings make of the source. */
  public static DataVerdict.Status status(List<DataVerdict.Anomaly> findings) {
    return SeverityOverrides.status(findings);
  }
}
