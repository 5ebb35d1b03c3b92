// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static io.millrace.validator.data.Shares.percent;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.profile.HeavyHitter;
import io.millrace.stats.profile.Moments;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Holds a profile against a schema: presence, types, domain and range, under the names of
 * TensorFlow Data Validation (anomalies.proto). What is claimed of a share is the lower end of its
 * 99 % interval, so that few rows cannot make an error.
 *
 * <p>A learned domain or range becomes strict, an ERROR, only once {@value #CONFIRMING_SPANS} good
 * spans have kept to it: before that it may simply be incomplete, and a breach is a WARNING that
 * widens or drops it.
 */
final class SchemaChecks {
  /** Good spans that must have kept to a learned domain or range before it is strict. */
  static final int CONFIRMING_SPANS = 5;

  /** Share of rows without a value, above the usual one, from which a column counts as lost. */
  static final double MISSING_MARGIN = 0.1;

  /** The same while the usual share of a column that misses values is known from few spans only. */
  static final double EARLY_MISSING_MARGIN = 0.5;

  /** The same in standard deviations of the share over the good spans, where that is more. */
  static final double MISSING_DEVIATIONS = 4;

  /** Share of values of a type that was never seen, from which the column counts as another one. */
  static final double NEW_TYPE_SHARE = 0.05;

  /** Share above the usual one of a type in a column of mixed types. */
  static final double MIXED_TYPE_MARGIN = 0.3;

  /** Share of values outside a strict domain. */
  static final double DOMAIN_SHARE = 0.3;

  /** Share of values outside a strict range. */
  static final double RANGE_SHARE = 0.1;

  /** Share of values outside a range that is worth a warning. */
  static final double RANGE_WARNING_SHARE = 0.01;

  /** Values that must have been expected in an absent column. */
  private static final double LEAST_EXPECTED = 20;

  private static final int NAMED_VALUES = 5;

  private final SpanSchema schema;
  private final EventHistory history;
  private final Findings findings;

  SchemaChecks(SpanSchema schema, EventHistory history, Findings findings) {
    this.schema = schema;
    this.history = history;
    this.findings = findings;
  }

  void run(DatasetProfile profile) {
    Map<String, ColumnProfile> columns = profile.columns();
    schema
        .columns()
        .forEach(
            (name, expected) -> {
              ColumnProfile column = columns.get(name);
              if (column == null || column.values() == 0) {
                absent(name, expected, profile.rows());
              } else {
                presence(name, expected, column);
                types(name, expected, column);
                domain(name, expected, column);
                range(name, expected, column);
              }
            });
    if (schema.version() > 0) {
      columns.forEach(
          (name, column) -> {
            if (!schema.columns().containsKey(name)) {
              findings.warning(
                  name,
                  "SCHEMA_NEW_COLUMN",
                  column.values() + " values",
                  "no such column",
                  "column '" + name + "' is new; it joins the schema if the span is good");
            }
          });
    }
    if (profile.droppedValues() > 0) {
      findings.warning(
          null,
          "SCHEMA_NEW_COLUMN",
          profile.droppedValues() + " values",
          "at most " + profile.maxColumns() + " columns",
          "values of columns beyond the limit were not profiled");
    }
  }

  private void absent(String name, ColumnSchema expected, long rows) {
    double present = rows * (1 - expected.maxMissingShare());
    String observed = "no value in " + rows + " rows";
    String usual = "missing in at most " + percent(expected.maxMissingShare());
    if (present >= LEAST_EXPECTED) {
      findings.error(
          name, "SCHEMA_MISSING_COLUMN", observed, usual, "column '" + name + "' is gone");
    } else if (present >= 1) {
      findings.warning(
          name, "SCHEMA_MISSING_COLUMN", observed, usual, "column '" + name + "' has no value");
    }
  }

  private void presence(String name, ColumnSchema expected, ColumnProfile column) {
    double claimed = Shares.atLeast(column.missing(), column.rows());
    double usual = expected.maxMissingShare();
    if (claimed <= usual) {
      return;
    }
    List<ColumnFigures> known = history.columns(name);
    boolean early = usual > 0 && known.size() < CONFIRMING_SPANS;
    double margin =
        early
            ? EARLY_MISSING_MARGIN
            : Math.max(MISSING_MARGIN, MISSING_DEVIATIONS * deviation(known));
    String observed =
        percent((double) column.missing() / column.rows()) + " of " + column.rows() + " rows";
    String limit = "missing in at most " + percent(usual);
    if (claimed > usual + margin) {
      findings.error(
          name,
          "FEATURE_TYPE_LOW_FRACTION_PRESENT",
          observed,
          limit,
          "'" + name + "' is missing in far more rows than in any good span");
    } else if (claimed > usual + RANGE_WARNING_SHARE) {
      findings.warning(
          name,
          "FEATURE_TYPE_LOW_FRACTION_PRESENT",
          observed,
          limit,
          "'" + name + "' is missing more often than before");
    }
  }

  private static double deviation(List<ColumnFigures> known) {
    Moments shares = new Moments();
    known.forEach(each -> shares.add(each.missingShare()));
    return shares.count() < 2 ? 0 : shares.standardDeviation();
  }

  private void types(String name, ColumnSchema expected, ColumnProfile column) {
    if (expected.typeShares().isEmpty()) {
      return;
    }
    column
        .composition()
        .forEach(
            (type, count) -> {
              if (count > 0 && !type.equals("missing")) {
                type(name, expected, column, type, count);
              }
            });
    double fractional = column.numbers() - column.summary().integral();
    if (expected.type() == ColumnSchema.Type.INT && fractional > 0) {
      findings.warning(
          name,
          "UNEXPECTED_DATA_TYPE",
          (long) fractional + " numbers with a fraction",
          "whole numbers",
          "'" + name + "' held whole numbers only so far");
    }
  }

  private void type(
      String name, ColumnSchema expected, ColumnProfile column, String type, long count) {
    Double usual = expected.typeShares().get(type);
    double claimed = Shares.atLeast(count, column.values());
    double limit = usual == null ? NEW_TYPE_SHARE : usual + MIXED_TYPE_MARGIN;
    String observed = percent((double) count / column.values()) + " " + type + " values";
    String kind = typeAnomaly(expected.type(), type);
    String message = "'" + name + "' should be " + expected.type();
    if (claimed > limit) {
      findings.error(name, kind, observed, expected.typeShares().toString(), message);
    } else if (usual == null) {
      findings.warning(name, kind, observed, expected.typeShares().toString(), message);
    }
  }

  private static String typeAnomaly(ColumnSchema.Type expected, String found) {
    boolean string = found.equals("string");
    return switch (expected) {
      case INT -> string ? "INT_TYPE_NOT_INT_STRING" : "UNEXPECTED_DATA_TYPE";
      case FLOAT -> string ? "FLOAT_TYPE_STRING_NOT_FLOAT" : "UNEXPECTED_DATA_TYPE";
      case BOOL ->
          string
              ? "BOOL_TYPE_UNEXPECTED_STRING"
              : found.equals("number") ? "BOOL_TYPE_UNEXPECTED_FLOAT" : "UNEXPECTED_DATA_TYPE";
      default -> "UNEXPECTED_DATA_TYPE";
    };
  }

  private void domain(String name, ColumnSchema expected, ColumnProfile column) {
    List<String> domain = expected.domain();
    if (domain == null) {
      return;
    }
    Set<String> known = new HashSet<>(domain);
    long unexpected = 0;
    List<String> named = new ArrayList<>();
    for (HeavyHitter hitter : column.heavyHitters(Integer.MAX_VALUE)) {
      if (!known.contains(hitter.value())) {
        unexpected += hitter.lower();
        if (named.size() < NAMED_VALUES) {
          named.add(hitter.value());
        }
      }
    }
    if (unexpected == 0) {
      return;
    }
    boolean strict = expected.domainDeclared() || confirmed(name);
    String observed = percent((double) unexpected / column.values()) + " of the values: " + named;
    String limit = "one of " + domain.size() + " values";
    String message = "'" + name + "' has values outside its domain";
    if (strict && Shares.atLeast(unexpected, column.values()) > DOMAIN_SHARE) {
      findings.error(name, "ENUM_TYPE_UNEXPECTED_STRING_VALUES", observed, limit, message);
    } else {
      findings.warning(name, "ENUM_TYPE_UNEXPECTED_STRING_VALUES", observed, limit, message);
    }
  }

  private void range(String name, ColumnSchema expected, ColumnProfile column) {
    if (column.numbers() == 0) {
      return;
    }
    EmpiricalCdf cdf = column.cdf();
    Double high = expected.high();
    if (high != null && column.max() > high) {
      double share = 1 - cdf.cdf(high);
      String kind =
          expected.type() == ColumnSchema.Type.INT ? "INT_TYPE_BIG_INT" : "FLOAT_TYPE_BIG_FLOAT";
      range(name, expected, column, share, kind, column.max());
    }
    Double low = expected.low();
    if (low != null && column.min() < low) {
      double share = cdf.cdf(Math.nextDown(low));
      String kind =
          expected.type() == ColumnSchema.Type.INT
              ? "INT_TYPE_SMALL_INT"
              : "FLOAT_TYPE_SMALL_FLOAT";
      range(name, expected, column, share, kind, column.min());
    }
  }

  private void range(
      String name,
      ColumnSchema expected,
      ColumnProfile column,
      double share,
      String kind,
      double extreme) {
    double claimed =
        Math.max(
            0,
            Shares.atLeast(Math.round(share * column.numbers()), column.numbers())
                - column.rankError());
    boolean strict =
        expected.rangeDeclared() || (confirmed(name) && !Trend.moves(history.columns(name)));
    String observed = percent(share) + " of the values, as far as " + Shares.number(extreme);
    String limit = "within " + SchemaDiff.range(expected);
    if (strict && claimed > RANGE_SHARE) {
      findings.error(
          name, kind, observed, limit, "'" + name + "' is outside the range of all good spans");
    } else if (claimed > RANGE_WARNING_SHARE) {
      findings.warning(
          name, kind, observed, limit, "'" + name + "' has unusually many values out of range");
    }
  }

  private boolean confirmed(String name) {
    return history.columns(name).stream().filter(each -> each.values() > 0).count()
        >= CONFIRMING_SPANS;
  }
}
