// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.definition.ValidationDefinition.SpanRules;
import io.millrace.features.definition.EventSchema;
import io.millrace.stats.profile.DatasetProfile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Runs rows through a ledger span by span, in the order of time, as the topology would. */
final class Spans {
  /** One row with its event time. */
  record Row(long timeMs, Map<String, Object> data) {}

  /** One verdict. */
  record Verdict(long startMs, long rows, EventLedger.Step step) {
    boolean bad() {
      return step.judgement().status() == DataVerdict.Status.BAD;
    }

    List<String> errors() {
      return step.judgement().anomalies().stream()
          .filter(each -> each.severity().equals("ERROR"))
          .map(each -> each.kind() + "(" + each.column() + ") " + each.observed())
          .toList();
    }

    List<String> kinds(String severity) {
      return step.judgement().anomalies().stream()
          .filter(each -> each.severity().equals(severity))
          .map(each -> each.kind() + ":" + each.column())
          .toList();
    }

    @Override
    public String toString() {
      return Instant.ofEpochMilli(startMs) + " (" + rows + " rows) " + errors();
    }
  }

  private final EventFacts facts;
  private final Map<String, DatasetProfile> kept = new HashMap<>();
  private final Map<Integer, SpanSchema> versions = new HashMap<>();
  private final PatternBook patterns = new PatternBook();
  private EventLedger ledger = EventLedger.EMPTY;
  private String app = "";

  Spans(EventFacts facts) {
    this.facts = facts;
  }

  /** Facts of an event of which nothing is declared. */
  static EventFacts facts(SpanPlan plan, SpanRules asked) {
    return new EventFacts(
        "view",
        plan,
        0,
        Map.of(),
        Set.of(),
        Set.of(),
        RowRules.of(null, new EventSchema(Map.of(), true)),
        asked,
        Set.of(),
        SeverityOverrides.NONE);
  }

  EventLedger ledger() {
    return ledger;
  }

  Verdict judge(long startMs, List<Row> rows) {
    SpanStatistics statistics = statistics(rows);
    Verdict verdict = judge(startMs, statistics);
    kept.put(key(startMs), statistics.profile());
    keep(verdict.step().after());
    return verdict;
  }

  /** A person decides on the schema; the ledger stays where that changes nothing. */
  void decide(SchemaDecided decided) {
    patterns.accept(decided);
    app = decided.app();
    ledger.decide(decided, versions::get).ifPresent(this::keep);
  }

  private void keep(EventLedger next) {
    ledger = next;
    SpanSchema schema = next.schema();
    if (schema != null) {
      versions.put(schema.version(), schema);
    }
  }

  /** The verdict that the next span would get; nothing is remembered of it. */
  Verdict peek(long startMs, List<Row> rows) {
    return judge(startMs, statistics(rows));
  }

  private SpanStatistics statistics(List<Row> rows) {
    SpanStatistics statistics = new SpanStatistics();
    for (Row row : rows) {
      statistics.add(
          row.timeMs(),
          facts.slice(row.timeMs()),
          row.data(),
          facts.rules(),
          patterns.of(app, facts.event()),
          new RowPlace(0, statistics.rows()));
    }
    return statistics;
  }

  private Verdict judge(long startMs, SpanStatistics statistics) {
    EventLedger.Step step = ledger.judge(facts, key(startMs), startMs, statistics, kept::get);
    return new Verdict(startMs, statistics.rows(), step);
  }

  private static String key(long startMs) {
    return Instant.ofEpochMilli(startMs).toString();
  }

  /** All spans in order. */
  List<Verdict> judgeAll(List<Row> rows) {
    List<Verdict> verdicts = new ArrayList<>();
    cut(rows).forEach((start, span) -> verdicts.add(judge(start, span)));
    return verdicts;
  }

  /** Honest history, then one span with each of the faults planted in turn: fault → verdict. */
  static Map<String, Verdict> faulty(
      EventFacts facts, List<Row> rows, int span, Map<String, UnaryOperator<List<Row>>> faults) {
    Spans run = new Spans(facts);
    List<Map.Entry<Long, List<Row>>> all = new ArrayList<>(run.cut(rows).entrySet());
    for (int i = 0; i < span; i++) {
      run.judge(all.get(i).getKey(), all.get(i).getValue());
    }
    Map<String, Verdict> verdicts = new TreeMap<>();
    faults.forEach(
        (name, fault) ->
            verdicts.put(
                name, run.peek(all.get(span).getKey(), fault.apply(all.get(span).getValue()))));
    return verdicts;
  }

  TreeMap<Long, List<Row>> cut(List<Row> rows) {
    SpanPlan.EventTime plan = (SpanPlan.EventTime) facts.plan();
    TreeMap<Long, List<Row>> spans = new TreeMap<>();
    for (Row row : rows) {
      spans.computeIfAbsent(plan.start(row.timeMs()), start -> new ArrayList<>()).add(row);
    }
    return spans;
  }

  /** A fault that changes every row. */
  static UnaryOperator<List<Row>> each(UnaryOperator<Map<String, Object>> change) {
    return rows ->
        rows.stream()
            .map(row -> new Row(row.timeMs(), change.apply(new HashMap<>(row.data()))))
            .toList();
  }

  /** A fault that multiplies a column. */
  static UnaryOperator<List<Row>> scaled(String column, double factor) {
    return each(
        row -> {
          row.computeIfPresent(
              column,
              (name, value) ->
                  value instanceof Long whole
                      ? (Object) Math.round(whole * factor)
                      : (Object) (((Number) value).doubleValue() * factor));
          return row;
        });
  }
}
