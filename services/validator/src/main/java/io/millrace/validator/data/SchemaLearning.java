// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules.TimeFormat;
import io.millrace.stats.profile.ColumnKind;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.profile.HeavyHitter;
import io.millrace.stats.profile.ProfileSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Infers a schema from the first good spans by the rules of TensorFlow Data Validation (type,
 * presence, string domain of at most {@value ColumnSchema#MAX_DOMAIN} values) and widens it by what
 * later good spans show. A range is learned from quantiles with a wide margin, since the extremes
 * of honest data grow with its amount. What the application declares is taken as given.
 */
final class SchemaLearning {
  /** Rows from which a schema is inferred. */
  static final long LEAST_ROWS = 200;

  /** Widths between the 1 % and the 99 % quantile that a range reaches beyond them. */
  static final double RANGE_MARGIN = 2;

  /** Missing share that is added when presence is widened, so that it is not widened every day. */
  private static final double PRESENCE_STEP = 0.02;

  private static final double TYPE_STEP = 0.05;

  /** Values that must all be in one format of time for it to be theirs. */
  private static final long LEAST_TIMES = 50;

  private static final double LOW_RANK = 0.01;
  private static final double HIGH_RANK = 0.99;

  private SchemaLearning() {}

  /**
   * The first version.
   *
   * @param marks of the newest rows of the profile
   */
  static SpanSchema infer(EventFacts facts, DatasetProfile profile, RowMarks marks, String span) {
    Map<String, ColumnSchema> columns = new TreeMap<>(facts.declared());
    profile
        .columns()
        .forEach(
            (name, column) -> {
              ColumnSchema declared = facts.declared().get(name);
              columns.put(
                  name,
                  declared == null
                      ? infer(name, facts, column, marks.column(name))
                      : completed(name, declared, facts, column, marks.column(name)));
            });
    List<String> changes =
        List.of("inferred from %d rows, %d columns".formatted(profile.rows(), columns.size()));
    return new SpanSchema(facts.event(), 1, span, changes, columns);
  }

  private static ColumnSchema infer(
      String name, EventFacts facts, ColumnProfile column, ColumnMarks marks) {
    ColumnSchema.Type type =
        facts.times().contains(name) || moment(format(marks, typeOf(column)))
            ? ColumnSchema.Type.TIME
            : typeOf(column);
    ColumnSchema inferred = ColumnSchema.ofLearned(type, missing(column), typeShares(column));
    return completed(
        name,
        facts.labels().contains(name) ? inferred.withRules(EventFacts.LABEL) : inferred,
        facts,
        column,
        marks);
  }

  /** Days and moments move on by nature; the same times of day come again. */
  private static boolean moment(@Nullable TimeFormat format) {
    return format != null && format != TimeFormat.TIME_OF_DAY;
  }

  /**
   * The one format of time that all values are in. Numbers are moments only where the application
   * says so: any large number looks like one.
   */
  private static @Nullable TimeFormat format(ColumnMarks marks, ColumnSchema.Type type) {
    if (type != ColumnSchema.Type.STRING && type != ColumnSchema.Type.TIME) {
      return null;
    }
    TimeMarks times = marks.times();
    for (TimeFormat each : TimeFormat.values()) {
      if (times.values() >= LEAST_TIMES && times.fitting(each) == times.values()) {
        return each;
      }
    }
    return null;
  }

  /** Adds the learned facts that are not declared. */
  private static ColumnSchema completed(
      String name, ColumnSchema known, EventFacts facts, ColumnProfile column, ColumnMarks marks) {
    ColumnSchema result = known.declared() ? known.withMaxMissingShare(missing(column)) : known;
    result = result.withFormat(format(marks, result.type()));
    if (result.type() == ColumnSchema.Type.STRING
        && result.domain() == null
        && result.format() == null) {
      result = result.withDomain(facts.openText().contains(name) ? null : domain(column));
    }
    if (result.type().numeric() && !result.rangeDeclared()) {
      result = withRange(result, column);
    }
    return result.withShape(shape(column));
  }

  /** The number of values that every row has; null where it varies or nothing was seen. */
  private static @Nullable Integer shape(ColumnProfile column) {
    ProfileSummary summary = column.summary();
    Integer least = summary.minValency();
    return least != null && least.equals(summary.maxValency()) ? least : null;
  }

  private static double missing(ColumnProfile column) {
    return column.rows() == 0 ? 1 : (double) column.missing() / column.rows();
  }

  private static ColumnSchema.Type typeOf(ColumnProfile column) {
    return switch (column.kind()) {
      case NUMERIC ->
          column.summary().integral() == column.numbers()
              ? ColumnSchema.Type.INT
              : ColumnSchema.Type.FLOAT;
      case CATEGORICAL -> ColumnSchema.Type.STRING;
      case BOOLEAN -> ColumnSchema.Type.BOOL;
      case EMPTY -> ColumnSchema.Type.UNKNOWN;
      case MIXED, OTHER -> ColumnSchema.Type.MIXED;
    };
  }

  private static Map<String, Double> typeShares(ColumnProfile column) {
    Map<String, Double> shares = new TreeMap<>();
    column
        .composition()
        .forEach(
            (type, count) -> {
              if (count > 0 && !type.equals("missing")) {
                shares.put(type, (double) count / column.values());
              }
            });
    return shares;
  }

  private static @Nullable List<String> domain(ColumnProfile column) {
    if (column.heavyHitterError() > 0 || column.distinct() > ColumnSchema.MAX_DOMAIN + 0.5) {
      return null;
    }
    List<HeavyHitter> values = column.heavyHitters(ColumnSchema.MAX_DOMAIN + 1);
    return values.isEmpty() || values.size() > ColumnSchema.MAX_DOMAIN
        ? null
        : values.stream().map(HeavyHitter::value).sorted().toList();
  }

  private static ColumnSchema withRange(ColumnSchema known, ColumnProfile column) {
    EmpiricalCdf cdf = column.cdf();
    if (cdf.count() == 0) {
      return known;
    }
    double from = cdf.quantile(LOW_RANK);
    double to = cdf.quantile(HIGH_RANK);
    double middle = cdf.quantile(0.5);
    double width = Math.max(to - from, Math.max(Math.abs(middle) / 2, Double.MIN_NORMAL));
    double low = from - RANGE_MARGIN * width;
    double high = to + RANGE_MARGIN * width;
    // A column without any negative number is a quantity: below 0 is outside.
    low = column.min() >= 0 ? Math.max(0, low) : low;
    high = column.max() <= 0 ? Math.min(0, high) : high;
    Double keptLow = known.low();
    Double keptHigh = known.high();
    return known.withRange(
        keptLow == null ? (Double) low : (Double) Math.min(keptLow, low),
        keptHigh == null ? (Double) high : (Double) Math.max(keptHigh, high));
  }

  /** The next version after a good span; empty where it shows nothing new. */
  static Optional<SpanSchema> widen(
      SpanSchema schema, EventFacts facts, DatasetProfile profile, RowMarks marks, String span) {
    Map<String, ColumnSchema> columns = new TreeMap<>(schema.columns());
    List<String> changes = new ArrayList<>();
    profile
        .columns()
        .forEach(
            (name, column) -> {
              ColumnSchema known = columns.get(name);
              ColumnSchema next =
                  known == null || known.type() == ColumnSchema.Type.UNKNOWN
                      ? known != null && column.values() == 0
                          ? known
                          : infer(name, facts, column, marks.column(name)).withMaxMissingShare(1)
                      : widened(known, column, marks.column(name));
              if (!next.equals(known)) {
                columns.put(name, next);
                changes.add(
                    known == null ? "new column '" + name + "'" : describe(name, known, next));
              }
            });
    if (changes.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new SpanSchema(
            schema.event(),
            schema.version() + 1,
            span,
            changes,
            columns,
            null,
            schema.defaultEnvironment()));
  }

  private static ColumnSchema widened(ColumnSchema known, ColumnProfile column, ColumnMarks marks) {
    if (column.values() == 0) {
      return known;
    }
    ColumnSchema next = known;
    double missing = missing(column);
    if (Shares.atLeast(column.missing(), column.rows()) > known.maxMissingShare()) {
      next = next.withMaxMissingShare(Math.min(1, missing + PRESENCE_STEP));
    }
    if (!known.declared()) {
      next = widenedType(next, column);
    }
    if (next.shape() != null && !next.shape().equals(shape(column))) {
      next = next.withShape(null);
    }
    TimeFormat format = next.format();
    if (format != null && marks.times().fitting(format) < marks.times().values()) {
      next = next.withFormat(format(marks, next.type()));
    }
    if (next.domain() != null && !next.domainDeclared()) {
      next = next.withDomain(widenedDomain(next.domain(), column));
    }
    if (next.type().numeric() && !next.rangeDeclared() && outgrown(next, column)) {
      next = withRange(next, column);
    }
    return next;
  }

  private static ColumnSchema widenedType(ColumnSchema known, ColumnProfile column) {
    Map<String, Double> shares = new TreeMap<>(known.typeShares());
    typeShares(column)
        .forEach(
            (type, share) -> {
              Double before = shares.get(type);
              if (before == null || share > before + TYPE_STEP) {
                shares.put(type, share);
              }
            });
    ColumnSchema next = known.withTypeShares(shares);
    ColumnSchema.Type seen = typeOf(column);
    if (known.type() == ColumnSchema.Type.INT && seen == ColumnSchema.Type.FLOAT) {
      next = next.withType(ColumnSchema.Type.FLOAT);
    } else if (column.kind() == ColumnKind.MIXED && known.type() != ColumnSchema.Type.TIME) {
      next = next.withType(ColumnSchema.Type.MIXED).withDomain(null).withRange(null, null);
    }
    return next;
  }

  private static @Nullable List<String> widenedDomain(List<String> known, ColumnProfile column) {
    List<String> fresh = domain(column);
    if (fresh == null) {
      return null;
    }
    TreeSet<String> all = new TreeSet<>(known);
    all.addAll(fresh);
    return all.size() > ColumnSchema.MAX_DOMAIN ? null : List.copyOf(all);
  }

  private static boolean outgrown(ColumnSchema known, ColumnProfile column) {
    EmpiricalCdf cdf = column.cdf();
    if (cdf.count() == 0) {
      return false;
    }
    Double low = known.low();
    Double high = known.high();
    return low == null
        || high == null
        || cdf.quantile(LOW_RANK) < low
        || cdf.quantile(HIGH_RANK) > high;
  }

  private static String describe(String name, ColumnSchema before, ColumnSchema after) {
    SpanSchema a = new SpanSchema("", 1, "", List.of(), Map.of(name, before));
    SpanSchema b = new SpanSchema("", 2, "", List.of(), Map.of(name, after));
    StringBuilder text = new StringBuilder("'" + name + "'");
    for (SchemaDiff diff : SchemaDiff.between(a, b)) {
      text.append(' ').append(diff.fact()).append(": ").append(diff.before()).append(" → ");
      text.append(diff.after()).append(';');
    }
    return text.substring(0, text.length() - 1);
  }
}
