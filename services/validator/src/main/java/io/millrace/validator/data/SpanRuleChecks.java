// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.definition.ValidationDefinition.SpanRules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What an application asks of the spans of an event besides what is learned: how many rows, how
 * many against the span before, and that no part of the span is missing. A breach is an ERROR,
 * since a person asked for it.
 */
final class SpanRuleChecks {
  private static final int NAMED_GAPS = 3;

  private SpanRuleChecks() {}

  static void check(
      EventFacts facts,
      long startMs,
      SpanStatistics statistics,
      EventHistory history,
      Findings findings) {
    SpanRules asked = facts.asked();
    rows(asked, statistics.rows(), findings);
    ratio(asked, statistics.rows(), history, findings);
    if (facts.plan() instanceof SpanPlan.EventTime plan) {
      hours(asked, plan, startMs, statistics, findings);
    }
  }

  private static void rows(SpanRules asked, long rows, Findings findings) {
    Long least = asked.minRows();
    Long most = asked.maxRows();
    if (least != null && rows < least) {
      findings.error(
          null,
          AnomalyKind.DATASET_LOW_NUM_EXAMPLES,
          rows + " rows",
          "at least " + least,
          "fewer rows than asked for");
    }
    if (most != null && rows > most) {
      findings.error(
          null,
          AnomalyKind.DATASET_HIGH_NUM_EXAMPLES,
          rows + " rows",
          "at most " + most,
          "more rows than asked for");
    }
  }

  private static void ratio(SpanRules asked, long rows, EventHistory history, Findings findings) {
    Double least = asked.minRatio();
    Double most = asked.maxRatio();
    if (least == null && most == null) {
      return;
    }
    if (history.volumes().isEmpty()) {
      findings.warning(
          null,
          AnomalyKind.COMPARATOR_CONTROL_DATA_MISSING,
          rows + " rows",
          "a good span before",
          "the number of rows has nothing to be compared with yet");
      return;
    }
    long before = history.volumes().getLast().rows();
    double ratio = before == 0 ? Double.POSITIVE_INFINITY : (double) rows / before;
    String observed = "%d rows after %d: %s times".formatted(rows, before, Shares.number(ratio));
    if (least != null && ratio < least) {
      findings.error(
          null,
          AnomalyKind.COMPARATOR_LOW_NUM_EXAMPLES,
          observed,
          "at least " + Shares.number(least) + " times",
          "far fewer rows than in the good span before");
    }
    if (most != null && ratio > most) {
      findings.error(
          null,
          AnomalyKind.COMPARATOR_HIGH_NUM_EXAMPLES,
          observed,
          "at most " + Shares.number(most) + " times",
          "far more rows than in the good span before");
    }
  }

  private static void hours(
      SpanRules asked,
      SpanPlan.EventTime plan,
      long startMs,
      SpanStatistics statistics,
      Findings findings) {
    Integer least = asked.hours();
    if (least == null) {
      return;
    }
    long[] slices = statistics.marks().slices();
    List<String> gaps = new ArrayList<>();
    int empty = 0;
    for (int i = 0; i < slices.length; i++) {
      if (slices[i] == 0) {
        empty++;
        if (gaps.size() < NAMED_GAPS) {
          gaps.add(Instant.ofEpochMilli(startMs + plan.lengthMs() * i / slices.length).toString());
        }
      }
    }
    if (slices.length - empty < least) {
      findings.add(
          true,
          null,
          AnomalyKind.INCOMPLETE_SPAN,
          "%d of %d parts hold rows; none from %s"
              .formatted(slices.length - empty, slices.length, String.join(", ", gaps)),
          "at least " + least,
          "a part of the span is missing",
          Findings.Rows.of((double) empty / slices.length, List.of()));
    }
  }
}
