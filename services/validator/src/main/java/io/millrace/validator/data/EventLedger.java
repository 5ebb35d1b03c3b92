// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.Interval;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.stats.profile.DatasetProfile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one kind of event between two verdicts: its schema and its good spans.
 * Immutable; {@link #judge} gives the verdict and the ledger after it.
 *
 * @param schema newest version; null before anything was learned
 * @param history good spans
 * @param proposal what good spans would have made of a schema that a person decided on; null where
 *     they keep to it
 */
public record EventLedger(
    @Nullable SpanSchema schema, EventHistory history, @Nullable SpanSchema proposal) {
  /** Nothing known. */
  public static final EventLedger EMPTY = new EventLedger(null, EventHistory.EMPTY, null);

  private static final int LEAST_REFERENCE_SPANS = 7;
  private static final int MOST_REFERENCE_SPANS = 48;
  private static final long DAY_MS = 86_400_000;

  /** Reads the kept statistics of a span. */
  @FunctionalInterface
  public interface KeptStatistics {
    /** The profile of a span by its key; null where it is not kept any more. */
    @Nullable DatasetProfile profile(String key);
  }

  /**
   * A verdict and what follows from it.
   *
   * @param judgement findings
   * @param schemaVersion version that was applied
   * @param after the ledger that the next span meets
   * @param learned the new version of the schema, if the span made one
   */
  public record Step(
      SpanJudge.Judgement judgement,
      int schemaVersion,
      EventLedger after,
      Optional<SpanSchema> learned) {}

  /**
   * Judges a span that closed, or one that late events reopened. A span never counts as its own
   * past, and only good spans are remembered.
   *
   * @param key where the span's statistics are kept
   */
  public Step judge(
      EventFacts facts, String key, long startMs, SpanStatistics statistics, KeptStatistics kept) {
    EventHistory past = history.without(key);
    DatasetProfile reference = reference(facts.plan(), past, kept);
    SpanJudge.Judgement judgement =
        SpanJudge.judge(facts, startMs, statistics, schema, past, reference);
    int version = schema == null ? 0 : schema.version();
    if (judgement.status() == DataVerdict.Status.BAD) {
      return new Step(
          judgement, version, new EventLedger(schema, past, proposal), Optional.empty());
    }
    EventHistory next = past.with(SpanJudge.goodSpan(key, startMs, statistics, judgement));
    SpanSchema known = schema;
    if (known != null && known.curation() != null) {
      EventLedger after = new EventLedger(known, next, proposed(known, facts, key, statistics));
      return new Step(judgement, version, after, Optional.empty());
    }
    Optional<SpanSchema> learned = learn(facts, key, statistics, reference);
    return new Step(
        judgement, version, new EventLedger(learned.orElse(schema), next, null), learned);
  }

  /**
   * Judges a stretch of event time without any row, against what was before it. It is remembered
   * whatever comes of it: an emptiness that comes again at its time is a habit.
   */
  public Step judgeEmpty(EventFacts facts, SpanPlan.EventTime plan, Interval gap) {
    EventHistory past = history.withoutGap(gap.fromMs());
    Findings findings = new Findings();
    EmptyCheck.check(facts, plan, gap.fromMs(), gap.toMs(), past, findings);
    List<DataVerdict.Anomaly> found = facts.overrides().lasting(findings.all());
    return new Step(
        new SpanJudge.Judgement(SeverityOverrides.status(found), found, Map.of()),
        schema == null ? 0 : schema.version(),
        new EventLedger(schema, past.withGap(gap), proposal),
        Optional.empty());
  }

  /** Without the stretch that started there, since rows have come into it. */
  public EventLedger withoutGap(long fromMs) {
    return new EventLedger(schema, history.withoutGap(fromMs), proposal);
  }

  /** Without a span that is not good any more. What the schema has learned from it stays. */
  public EventLedger without(String key) {
    return new EventLedger(schema, history.without(key), proposal);
  }

  private @Nullable SpanSchema proposed(
      SpanSchema curated, EventFacts facts, String key, SpanStatistics statistics) {
    SpanSchema before = proposal == null ? curated : proposal;
    return SchemaLearning.widen(before, facts, statistics.profile(), statistics.marks(), key)
        .map(wider -> SchemaCuration.proposal(curated, wider))
        .orElse(proposal);
  }

  /**
   * The ledger after a person's decision; empty where it changes nothing or names a version that
   * there is not.
   *
   * @param versions the schema of a version; null without one
   */
  public Optional<EventLedger> decide(
      SchemaDecided decided, IntFunction<@Nullable SpanSchema> versions) {
    return SchemaCuration.decide(this, decided, versions)
        .map(next -> new EventLedger(next, history, null));
  }

  private Optional<SpanSchema> learn(
      EventFacts facts, String key, SpanStatistics statistics, @Nullable DatasetProfile reference) {
    if (schema != null) {
      return SchemaLearning.widen(schema, facts, statistics.profile(), statistics.marks(), key);
    }
    DatasetProfile all = statistics.profile().copy();
    if (reference != null) {
      all.merge(reference);
    }
    return all.rows() < SchemaLearning.LEAST_ROWS
        ? Optional.empty()
        : Optional.of(SchemaLearning.infer(facts, all, statistics.marks(), key));
  }

  private static @Nullable DatasetProfile reference(
      SpanPlan plan, EventHistory past, KeptStatistics kept) {
    List<EventHistory.GoodSpan> recent = past.recent(referenceSpans(plan));
    DatasetProfile merged = null;
    for (EventHistory.GoodSpan span : recent) {
      DatasetProfile profile = kept.profile(span.key());
      if (profile != null) {
        if (merged == null) {
          merged = new DatasetProfile(SpanStatistics.MAX_COLUMNS);
        }
        merged.merge(profile);
      }
    }
    return merged;
  }

  /** A week of days, or at least one day of shorter spans, so that a daily rhythm is in it. */
  public static int referenceSpans(SpanPlan plan) {
    return plan instanceof SpanPlan.EventTime time
        ? (int)
            Math.clamp(
                Math.ceilDiv(DAY_MS, time.lengthMs()), LEAST_REFERENCE_SPANS, MOST_REFERENCE_SPANS)
        : LEAST_REFERENCE_SPANS;
  }
}
