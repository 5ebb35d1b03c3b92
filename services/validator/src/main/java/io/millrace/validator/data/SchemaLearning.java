// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules.TimeFormat;
import io.millrace.stats.profile.ColumnKind;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
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

  /** Missing share that is added when presence is widened, so that it is not widened every day. */
  private static final double PRESENCE_STEP = 0.02;

  private static final double TYPE_STEP = 0.05;

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
              SeenColumn seen = new SeenColumn(column, marks.column(name));
              columns.put(
                  name,
                  declared == null
                      ? infer(name, facts, seen)
                      : completed(name, declared, facts, seen));
            });
    List<String> changes =
        List.of("inferred from %d rows, %d columns".formatted(profile.rows(), columns.size()));
    return new SpanSchema(facts.event(), 1, span, changes, columns);
  }

  private static ColumnSchema infer(String name, EventFacts facts, SeenColumn seen) {
    ColumnSchema.Type type =
        facts.times().contains(name) || moment(seen.format(seen.type()))
            ? ColumnSchema.Type.TIME
            : seen.type();
    ColumnSchema inferred = ColumnSchema.ofLearned(type, seen.missing(), seen.typeShares());
    return completed(
        name,
        facts.labels().contains(name) ? inferred.withRules(EventFacts.LABEL) : inferred,
        facts,
        seen);
  }

  /** Days and moments move on by nature; the same times of day come again. */
  private static boolean moment(@Nullable TimeFormat format) {
    return format != null && format != TimeFormat.TIME_OF_DAY;
  }

  /** Adds the learned facts that are not declared. */
  private static ColumnSchema completed(
      String name, ColumnSchema known, EventFacts facts, SeenColumn seen) {
    ColumnSchema result = known.declared() ? known.withMaxMissingShare(seen.missing()) : known;
    result = result.withFormat(seen.format(result.type()));
    if (result.type() == ColumnSchema.Type.STRING
        && result.domain() == null
        && result.format() == null) {
      result = result.withDomain(facts.openText().contains(name) ? null : seen.domain());
    }
    if (result.type().numeric() && !result.rangeDeclared()) {
      result = withRange(result, seen);
    }
    return result.withShape(seen.shape());
  }

  /** What is known of a range is never narrowed. */
  private static ColumnSchema withRange(ColumnSchema known, SeenColumn seen) {
    SeenColumn.Range range = seen.range();
    if (range == null) {
      return known;
    }
    Double low = known.low();
    Double high = known.high();
    return known.withRange(
        low == null ? (Double) range.low() : (Double) Math.min(low, range.low()),
        high == null ? (Double) range.high() : (Double) Math.max(high, range.high()));
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
              SeenColumn seen = new SeenColumn(column, marks.column(name));
              ColumnSchema next =
                  known == null || known.type() == ColumnSchema.Type.UNKNOWN
                      ? known != null && column.values() == 0
                          ? known
                          : infer(name, facts, seen).withMaxMissingShare(1)
                      : widened(known, seen);
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

  private static ColumnSchema widened(ColumnSchema known, SeenColumn seen) {
    ColumnProfile column = seen.profile();
    if (column.values() == 0) {
      return known;
    }
    ColumnSchema next = known;
    if (Shares.atLeast(column.missing(), column.rows()) > known.maxMissingShare()) {
      next = next.withMaxMissingShare(Math.min(1, seen.missing() + PRESENCE_STEP));
    }
    if (!known.declared()) {
      next = widenedType(next, seen);
    }
    if (next.shape() != null && !next.shape().equals(seen.shape())) {
      next = next.withShape(null);
    }
    TimeFormat format = next.format();
    TimeMarks times = seen.marks().times();
    if (format != null && times.fitting(format) < times.values()) {
      next = next.withFormat(seen.format(next.type()));
    }
    if (next.domain() != null && !next.domainDeclared()) {
      next = next.withDomain(widenedDomain(next.domain(), seen.domain()));
    }
    if (next.type().numeric() && !next.rangeDeclared() && outgrown(next, seen.bulk())) {
      next = withRange(next, seen);
    }
    return next;
  }

  private static ColumnSchema widenedType(ColumnSchema known, SeenColumn seen) {
    Map<String, Double> shares = new TreeMap<>(known.typeShares());
    seen.typeShares()
        .forEach(
            (type, share) -> {
              Double before = shares.get(type);
              if (before == null || share > before + TYPE_STEP) {
                shares.put(type, share);
              }
            });
    ColumnSchema next = known.withTypeShares(shares);
    if (known.type() == ColumnSchema.Type.INT && seen.type() == ColumnSchema.Type.FLOAT) {
      next = next.withType(ColumnSchema.Type.FLOAT);
    } else if (seen.profile().kind() == ColumnKind.MIXED
        && known.type() != ColumnSchema.Type.TIME) {
      next = next.withType(ColumnSchema.Type.MIXED).withDomain(null).withRange(null, null);
    }
    return next;
  }

  private static @Nullable List<String> widenedDomain(
      List<String> known, @Nullable List<String> fresh) {
    if (fresh == null) {
      return null;
    }
    TreeSet<String> all = new TreeSet<>(known);
    all.addAll(fresh);
    return all.size() > ColumnSchema.MAX_DOMAIN ? null : List.copyOf(all);
  }

  private static boolean outgrown(ColumnSchema known, SeenColumn.@Nullable Range bulk) {
    if (bulk == null) {
      return false;
    }
    Double low = known.low();
    Double high = known.high();
    return low == null || high == null || bulk.low() < low || bulk.high() > high;
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
