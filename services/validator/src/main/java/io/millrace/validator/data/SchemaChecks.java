// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds a profile against a schema: presence, types, domain, range and form, under the names of
 * TensorFlow Data Validation (anomalies.proto). What is claimed of a share is the lower end of its
 * 99 % interval, so that few rows cannot make an error. Columns that do not belong to the
 * environment, or whose stage does not alarm, are passed over.
 *
 * <p>A learned domain or range becomes strict, an ERROR, only once {@value
 * ColumnCase#CONFIRMING_SPANS} good spans have kept to it: before that it may simply be incomplete,
 * and a breach is a WARNING that widens or drops it.
 */
final class SchemaChecks {
  private final SpanSchema schema;
  private final @Nullable String environment;
  private final EventHistory history;
  private final Findings findings;

  SchemaChecks(
      SpanSchema schema, @Nullable String environment, EventHistory history, Findings findings) {
    this.schema = schema;
    this.environment = environment;
    this.history = history;
    this.findings = findings;
  }

  /**
   * Checks.
   *
   * @param reference the good spans before, merged; null without any
   */
  void run(SpanStatistics statistics, @Nullable DatasetProfile reference) {
    DatasetProfile profile = statistics.profile();
    Map<String, ColumnProfile> columns = profile.columns();
    Map<String, ColumnProfile> before = reference == null ? Map.of() : reference.columns();
    schema
        .columns()
        .forEach(
            (name, expected) -> {
              if (!expected.rules().alarms()) {
                return;
              }
              ColumnProfile column = columns.get(name);
              boolean any = column != null && column.values() > 0;
              if (!expected.rules().in(environment, schema.defaultEnvironment())) {
                if (any && column != null) {
                  foreign(name, column);
                }
              } else if (!any || column == null) {
                absent(name, expected, column != null, profile);
              } else {
                ColumnCase one =
                    new ColumnCase(
                        name, expected, column, statistics.marks().column(name), history, findings);
                PresenceChecks.run(one);
                TypeChecks.run(one);
                ValueChecks.run(one);
                FormChecks.run(one);
                ColumnProfile old = before.get(name);
                if (old != null && reference != null) {
                  HabitChecks.run(one, old);
                  PeakCheck.run(one, old, profile, reference);
                }
              }
            });
    newColumns(statistics);
  }

  /**
   * A column in an environment that it does not belong to, such as the label where it is served.
   */
  private void foreign(String name, ColumnProfile column) {
    findings.add(
        true,
        name,
        AnomalyKind.SCHEMA_NEW_COLUMN,
        column.values() + " values",
        "not in the environment " + environment,
        "column '" + name + "' does not belong to " + environment,
        Findings.Rows.of(1 - (double) column.missing() / column.rows(), List.of()));
  }

  private void absent(String name, ColumnSchema expected, boolean known, DatasetProfile profile) {
    if (!known && profile.droppedValues() > 0) {
      findings.warning(
          name,
          AnomalyKind.STATS_NOT_AVAILABLE,
          "not among the " + profile.maxColumns() + " columns that are profiled",
          "statistics of the column",
          "nothing can be told of '" + name + "': the span has too many columns");
      return;
    }
    PresenceChecks.absent(name, expected, known, profile.rows(), findings);
  }

  private void newColumns(SpanStatistics statistics) {
    DatasetProfile profile = statistics.profile();
    if (schema.version() > 0) {
      profile
          .columns()
          .forEach(
              (name, column) -> {
                if (!schema.columns().containsKey(name)) {
                  findings.add(
                      false,
                      name,
                      AnomalyKind.SCHEMA_NEW_COLUMN,
                      column.values() + " values",
                      "no such column",
                      "column '" + name + "' is new; it joins the schema if the span is good",
                      Findings.Rows.of(
                          column.rows() == 0 ? 0 : 1 - (double) column.missing() / column.rows(),
                          statistics.marks().column(name).any()));
                }
              });
    }
    if (profile.droppedValues() > 0) {
      findings.warning(
          null,
          AnomalyKind.SCHEMA_NEW_COLUMN,
          profile.droppedValues() + " values",
          "at most " + profile.maxColumns() + " columns",
          "values of columns beyond the limit were not profiled");
    }
  }
}
