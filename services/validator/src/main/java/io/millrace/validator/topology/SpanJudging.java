// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.Interval;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.serde.JsonSerde;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.EventHistory;
import io.millrace.validator.data.EventLedger;
import io.millrace.validator.data.SeverityOverrides;
import io.millrace.validator.data.SpanJudge;
import io.millrace.validator.data.SpanPlan;
import io.millrace.validator.data.SpanSchema;
import io.millrace.validator.data.SpanStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Judges a closed span with what the stores hold and writes back what follows. */
final class SpanJudging {
  /** Closed spans whose statistics are kept, for late rows and as reference. */
  static final int KEPT_SPANS = 2_048;

  /** Change of the number of rows that is not worth a revision. */
  private static final double SAME_ROWS_SHARE = 0.01;

  private static final int CACHED_PROFILES = 128;

  private final String app;
  private final KeyValueStore<String, byte[]> spans;
  private final KeyValueStore<String, byte[]> ledgers;
  private final KeyValueStore<String, byte[]> schemas;
  private final KeyValueStore<String, byte[]> verdicts;
  private final JsonSerde<StoredLedger> ledgerJson = new JsonSerde<>(StoredLedger.class);
  private final JsonSerde<SpanSchema> schemaJson = new JsonSerde<>(SpanSchema.class);
  private final JsonSerde<DataVerdict> verdictJson = new JsonSerde<>(DataVerdict.class);
  private final Map<String, EventLedger> known = new LinkedHashMap<>();
  private final Map<String, DatasetProfile> profiles =
      new LinkedHashMap<>(CACHED_PROFILES, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, DatasetProfile> eldest) {
          return size() > CACHED_PROFILES;
        }
      };

  SpanJudging(
      String app,
      KeyValueStore<String, byte[]> spans,
      KeyValueStore<String, byte[]> ledgers,
      KeyValueStore<String, byte[]> schemas,
      KeyValueStore<String, byte[]> verdicts) {
    this.app = app;
    this.spans = spans;
    this.ledgers = ledgers;
    this.schemas = schemas;
    this.verdicts = verdicts;
  }

  /**
   * What is kept of an event besides its schemas.
   *
   * @param schemaVersion newest version; 0 without one
   * @param proposal absent in what was stored before there were proposals
   */
  record StoredLedger(int schemaVersion, EventHistory history, @Nullable SpanSchema proposal) {}

  /**
   * A verdict that has to be told.
   *
   * @param revised whether another one was published for the span before
   */
  record Told(DataVerdict verdict, boolean revised) {}

  /** Judges; empty where the same was said of the span before. */
  Optional<Told> judge(EventFacts facts, String key, String span, Bounds bounds, long nowMs) {
    byte[] bytes = spans.get(key);
    if (bytes == null) {
      throw new IllegalStateException("no statistics of the open span " + key);
    }
    SpanStatistics statistics = SpanStatistics.fromBytes(bytes);
    profiles.remove(key);
    EventLedger ledger = known.computeIfAbsent(facts.event(), this::load);
    EventLedger.Step step =
        ledger.judge(facts, key, bounds.startMs(), statistics, this::profileOrNull);
    known.put(facts.event(), step.after());
    step.learned()
        .ifPresent(
            schema ->
                schemas.put(
                    SpanKeys.of(facts.event(), schema.version()), schemaJson.toBytes(schema)));
    save(facts.event(), step.after());
    // What was said of this one span lets it pass; the ledger has not learned from it.
    List<DataVerdict.Anomaly> findings = facts.overrides().once(step.judgement().anomalies(), span);
    DataVerdict verdict =
        new DataVerdict(
            app,
            facts.event(),
            span,
            bounds.startMs(),
            bounds.endMs(),
            statistics.rows(),
            SeverityOverrides.status(findings),
            step.schemaVersion(),
            findings,
            SpanJudge.figures(statistics),
            nowMs);
    return told(key, verdict);
  }

  /** Judges a stretch of event time without rows; empty where the same was said of it before. */
  Optional<Told> judgeEmpty(EventFacts facts, SpanPlan.EventTime plan, Interval gap, long nowMs) {
    EventLedger ledger = known.computeIfAbsent(facts.event(), this::load);
    EventLedger.Step step = ledger.judgeEmpty(facts, plan, gap);
    known.put(facts.event(), step.after());
    save(facts.event(), step.after());
    String span = plan.id(gap.fromMs());
    List<DataVerdict.Anomaly> findings = facts.overrides().once(step.judgement().anomalies(), span);
    return told(
        SpanKeys.of(facts.event(), gap.fromMs()),
        new DataVerdict(
            app,
            facts.event(),
            span,
            gap.fromMs(),
            gap.toMs(),
            0,
            SeverityOverrides.status(findings),
            step.schemaVersion(),
            findings,
            Map.of(),
            nowMs));
  }

  /** Rows have come into a stretch that was judged to have none. */
  void filled(String event, long fromMs) {
    EventLedger after = known.computeIfAbsent(event, this::load).withoutGap(fromMs);
    known.put(event, after);
    save(event, after);
  }

  private Optional<Told> told(String key, DataVerdict verdict) {
    // The store holds what was told last, so that small changes add up to a revision.
    DataVerdict before = verdictJson.fromBytes(verdicts.get(key));
    if (before != null && same(before, verdict)) {
      return Optional.empty();
    }
    verdicts.put(key, verdictJson.toBytes(verdict));
    return Optional.of(new Told(verdict, before != null));
  }

  /**
   * Says anew what was said of a span under a person's answer that the definition does not hold any
   * more, or holds otherwise; empty where nothing changes. A span that is bad without it is no
   * standard for later ones any more.
   */
  Optional<Told> recall(EventFacts facts, String key, byte[] bytes, long nowMs) {
    DataVerdict before = verdictJson.fromBytes(bytes);
    if (before == null || before.anomalies().stream().allMatch(each -> each.overridden() == null)) {
      return Optional.empty();
    }
    List<DataVerdict.Anomaly> findings =
        facts.overrides().renewed(before.anomalies(), before.span());
    if (findings.equals(before.anomalies())) {
      return Optional.empty();
    }
    if (facts.overrides().badByWhatLasts(before.anomalies())) {
      EventLedger after = known.computeIfAbsent(facts.event(), this::load).without(key);
      known.put(facts.event(), after);
      save(facts.event(), after);
    }
    DataVerdict verdict =
        new DataVerdict(
            app,
            facts.event(),
            before.span(),
            before.startMs(),
            before.endMs(),
            before.rows(),
            SeverityOverrides.status(findings),
            before.schemaVersion(),
            findings,
            before.statistics(),
            nowMs);
    verdicts.put(key, verdictJson.toBytes(verdict));
    return Optional.of(new Told(verdict, true));
  }

  /** Whether a stored verdict calls its span bad. */
  boolean bad(byte[] bytes) {
    DataVerdict verdict = verdictJson.fromBytes(bytes);
    return verdict != null && verdict.status() == DataVerdict.Status.BAD;
  }

  /** A span in event time: from inclusive to exclusive. */
  record Bounds(long startMs, long endMs) {}

  /**
   * Whether a reader would act alike: the same findings on nearly the same rows and as much time.
   * Figures and wordings may differ a little, since quantiles are estimates.
   */
  private static boolean same(DataVerdict a, DataVerdict b) {
    return a.status() == b.status()
        && a.endMs() - a.startMs() == b.endMs() - b.startMs()
        && findings(a).equals(findings(b))
        && Math.abs(a.rows() - b.rows()) <= SAME_ROWS_SHARE * a.rows();
  }

  private static List<String> findings(DataVerdict verdict) {
    return verdict.anomalies().stream()
        .map(each -> each.severity() + ' ' + each.kind() + ' ' + each.column())
        .toList();
  }

  private EventLedger load(String event) {
    StoredLedger stored = ledgerJson.fromBytes(ledgers.get(event));
    if (stored == null) {
      return EventLedger.EMPTY;
    }
    return new EventLedger(
        schema(event, stored.schemaVersion()), stored.history(), stored.proposal());
  }

  private @Nullable SpanSchema schema(String event, int version) {
    return version == 0 ? null : schemaJson.fromBytes(schemas.get(SpanKeys.of(event, version)));
  }

  /** Puts a person's decision into force; false where it changes nothing. */
  boolean decide(SchemaDecided decided) {
    String event = decided.event();
    EventLedger ledger = known.computeIfAbsent(event, this::load);
    Optional<EventLedger> after = ledger.decide(decided, version -> schema(event, version));
    after.ifPresent(
        next -> {
          known.put(event, next);
          SpanSchema newest = next.schema();
          if (newest != null) {
            schemas.put(SpanKeys.of(event, newest.version()), schemaJson.toBytes(newest));
          }
          save(event, next);
        });
    return after.isPresent();
  }

  private void save(String event, EventLedger ledger) {
    SpanSchema newest = ledger.schema();
    ledgers.put(
        event,
        ledgerJson.toBytes(
            new StoredLedger(
                newest == null ? 0 : newest.version(), ledger.history(), ledger.proposal())));
  }

  private @Nullable DatasetProfile profileOrNull(String key) {
    DatasetProfile cached = profiles.get(key);
    if (cached == null) {
      byte[] bytes = spans.get(key);
      if (bytes != null) {
        cached = SpanStatistics.fromBytes(bytes).profile();
        profiles.put(key, cached);
      }
    }
    return cached;
  }
}
