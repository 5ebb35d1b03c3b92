// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.features.definition.EventSchema;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds served rows against the schema of the training rows: in the environment {@code SERVING},
 * where no label is. Distances are compared where a person set a threshold for skew.
 */
public final class SchemaSkew {
  /** Rows without which neither side says anything. */
  public static final long LEAST_ROWS = 30;

  /** Share of numbers with a fraction from which a column of training rows is no whole number. */
  private static final double FRACTIONAL = 0.1;

  private SchemaSkew() {}

  /** Rules that no row is asked. */
  public static final RowRules NO_RULES = RowRules.of(null, new EventSchema(Map.of(), true));

  /**
   * Checks.
   *
   * @param labels columns of the training rows that nobody can know where a prediction is made
   * @param thresholds column → what a person said of its skew
   */
  public static List<Anomaly> check(
      SpanStatistics training,
      SpanStatistics served,
      Set<String> labels,
      Map<String, ColumnRules.Thresholds> thresholds) {
    Findings findings = new Findings();
    EventFacts facts =
        new EventFacts(
            "served",
            SpanPlan.DEFAULT,
            0,
            Map.of(),
            Set.of(),
            Set.of(),
            NO_RULES,
            io.millrace.common.definition.ValidationDefinition.SpanRules.NONE,
            labels,
            SeverityOverrides.NONE);
    SpanSchema inferred =
        SchemaLearning.infer(facts, training.profile(), training.marks(), "training");
    new SchemaChecks(strict(inferred), EventFacts.SERVING, EventHistory.EMPTY, findings)
        .run(served, null);
    Map<String, ColumnProfile> before = training.profile().columns();
    served
        .profile()
        .columns()
        .forEach(
            (name, column) -> {
              whole(name, before.get(name), column, served, findings);
              Comparators.check(
                  name,
                  thresholds.get(name),
                  before.get(name),
                  column,
                  "the training rows",
                  findings);
            });
    return findings.all();
  }

  /** All of the training rows were seen: a domain of theirs is complete as far as a model knows. */
  private static SpanSchema strict(SpanSchema inferred) {
    Map<String, ColumnSchema> columns = new TreeMap<>();
    inferred
        .columns()
        .forEach(
            (name, column) ->
                columns.put(
                    name,
                    column.domain() == null ? column : column.withDeclaredDomain(column.domain())));
    return new SpanSchema("served", 1, "training", List.of(), columns);
  }

  private static void whole(
      String name,
      @Nullable ColumnProfile before,
      ColumnProfile now,
      SpanStatistics served,
      Findings findings) {
    if (before == null || before.numbers() < LEAST_ROWS || now.numbers() < LEAST_ROWS) {
      return;
    }
    double fractional = 1 - (double) before.summary().integral() / before.numbers();
    if (fractional >= FRACTIONAL && now.summary().integral() == now.numbers()) {
      findings.add(
          true,
          name,
          AnomalyKind.UNEXPECTED_DATA_TYPE,
          "whole numbers only, " + now.numbers() + " of them",
          Shares.percent(fractional) + " with a fraction in the training rows",
          "'" + name + "' is a fraction in training and a whole number where it is served",
          Findings.Rows.of(1, served.marks().column(name).examples(TraitPlaces.Trait.NUMBER)));
    }
  }

  /** The columns of a profile with how many of their numbers lie outside those of training. */
  public static Map<String, Double> outsideTraining(
      DatasetProfile training, DatasetProfile served) {
    Map<String, Double> shares = new TreeMap<>();
    served
        .columns()
        .forEach(
            (name, column) -> {
              ColumnProfile before = training.columns().get(name);
              if (before != null && before.numbers() > 0 && column.numbers() > 0) {
                double above = 1 - column.cdf().cdf(before.max());
                double below = column.cdf().cdf(Math.nextDown(before.min()));
                shares.put(name, above > 0 ? above : -below + 0.0);
              }
            });
    return shares;
  }
}
