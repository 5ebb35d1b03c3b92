// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.DataVerdict;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Judges a span against the schema, the history of good spans and the last of them. Pure and
 * stateless: equal inputs give equal findings, up to the random bits of the quantile sketch.
 */
public final class SpanJudge {
  private static final int MAX_STATISTICS_COLUMNS = 200;

  private SpanJudge() {}

  /**
   * What was found.
   *
   * @param status BAD where an anomaly is an ERROR
   * @param anomalies at most about 200
   * @param changes column → distance to the last good spans
   */
  public record Judgement(
      DataVerdict.Status status,
      List<DataVerdict.Anomaly> anomalies,
      Map<String, ColumnFigures.Change> changes) {
    public Judgement {
      anomalies = List.copyOf(anomalies);
      changes = Map.copyOf(changes);
    }
  }

  /**
   * Judges.
   *
   * @param schema what is expected; null before anything was learned
   * @param history the good spans before, without this one
   * @param reference their last profiles merged; null without any
   */
  public static Judgement judge(
      EventFacts facts,
      long startMs,
      SpanStatistics statistics,
      @Nullable SpanSchema schema,
      EventHistory history,
      @Nullable DatasetProfile reference) {
    Findings findings = new Findings();
    SpanSchema expected = schema == null ? SpanSchema.declared(facts) : schema;
    new SchemaChecks(expected, facts.asked().environment(), history, findings)
        .run(statistics, schema == null ? null : reference);
    VolumeCheck.check(statistics.rows(), startMs, facts.plan(), history, findings);
    SpanRuleChecks.check(facts, startMs, statistics, history, findings);
    VolumeForecast.check(facts, startMs, statistics, history, findings);
    JumpCheck.check(facts, startMs, statistics.rows(), history, findings);
    DelayCheck.check(facts.plan(), statistics, history, findings);
    rules(facts.rules(), statistics, findings);
    Map<String, ColumnFigures.Change> changes =
        reference == null || schema == null
            ? Map.of()
            : ChangeCheck.check(reference, statistics.profile(), schema, history, facts, findings);
    List<DataVerdict.Anomaly> found = facts.overrides().lasting(findings.all());
    return new Judgement(SeverityOverrides.status(found), found, changes);
  }

  private static void rules(RowRules rules, SpanStatistics statistics, Findings findings) {
    Map<String, SpanStatistics.RuleCount> counts = statistics.ruleCounts();
    for (String name : rules.names()) {
      SpanStatistics.RuleCount count = counts.get(name);
      if (count == null || count.broken() == 0) {
        continue;
      }
      double share = (double) count.broken() / count.asked();
      String observed =
          "broken in %s of %d rows (%d)"
              .formatted(Shares.percent(share), count.asked(), count.broken());
      String expected =
          rules.source(name) + " in all but " + Shares.percent(rules.violationShare());
      boolean error = share > rules.violationShare();
      findings.add(
          error,
          null,
          AnomalyKind.RULE,
          observed,
          expected,
          "rule '" + name + (error ? "' is broken" : "' has exceptions"),
          Findings.Rows.of(share, statistics.marks().broken(name)));
    }
  }

  /** The figures of a good span that later ones are held against. */
  public static EventHistory.GoodSpan goodSpan(
      String key, long startMs, SpanStatistics statistics, Judgement judgement) {
    Map<String, ColumnFigures> figures = new TreeMap<>();
    statistics
        .profile()
        .columns()
        .forEach(
            (name, column) ->
                figures.put(
                    name,
                    ColumnFigures.of(
                        column,
                        judgement.changes().getOrDefault(name, ColumnFigures.Change.UNKNOWN))));
    Long last = statistics.rows() == 0 ? null : (Long) statistics.maxMs();
    return new EventHistory.GoodSpan(
        key, startMs, statistics.rows(), last, statistics.delayMs(), figures);
  }

  /** The figures that a verdict carries, by column; at most 200 columns. */
  public static Map<String, Map<String, Double>> figures(SpanStatistics statistics) {
    Map<String, Map<String, Double>> all = new TreeMap<>();
    for (Map.Entry<String, ColumnProfile> entry : statistics.profile().columns().entrySet()) {
      if (all.size() == MAX_STATISTICS_COLUMNS) {
        break;
      }
      all.put(entry.getKey(), figures(entry.getValue()));
    }
    return all;
  }

  private static Map<String, Double> figures(ColumnProfile column) {
    Map<String, Double> figures = new TreeMap<>();
    figures.put("rows", (double) column.rows());
    figures.put("missing", (double) column.missing());
    figures.put("distinct", (double) Math.round(column.distinct()));
    column
        .composition()
        .forEach(
            (type, count) -> {
              if (count > 0 && !type.equals("missing")) {
                figures.put("type." + type, (double) count);
              }
            });
    if (column.numbers() > 0) {
      EmpiricalCdf cdf = column.cdf();
      figures.put("min", column.min());
      figures.put("p05", cdf.quantile(0.05));
      figures.put("p25", cdf.quantile(0.25));
      figures.put("p50", cdf.quantile(0.5));
      figures.put("p75", cdf.quantile(0.75));
      figures.put("p95", cdf.quantile(0.95));
      figures.put("max", column.max());
      putFinite(figures, "mean", column.moments().mean());
      putFinite(figures, "sd", column.moments().standardDeviation());
    }
    return figures;
  }

  private static void putFinite(Map<String, Double> figures, String name, double value) {
    if (Double.isFinite(value)) {
      figures.put(name, value);
    }
  }
}
