// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.ColumnRules.TimeFormat;
import io.millrace.common.contract.SchemaDecided;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns a person's decision into the next version of a schema. A domain or range that a person sets
 * is taken as declared: it is strict at once, and no span proposes to widen it.
 */
public final class SchemaCuration {
  private static final int MAX_TEXT = 500;
  private static final Pattern ENVIRONMENT = Pattern.compile("[A-Z][A-Z0-9_]{0,39}");

  private SchemaCuration() {}

  /**
   * What is wrong with an edit.
   *
   * @param path place in the request
   * @param rule short name of the rule
   */
  public record Problem(String path, String rule, String message) {}

  /** The schema that a decision starts from; null where there is none. */
  static @Nullable SpanSchema base(
      EventLedger ledger, int version, IntFunction<@Nullable SpanSchema> versions) {
    if (version != 0) {
      return versions.apply(version);
    }
    return ledger.proposal() == null ? ledger.schema() : ledger.proposal();
  }

  static Optional<SpanSchema> decide(
      EventLedger ledger, SchemaDecided decided, IntFunction<@Nullable SpanSchema> versions) {
    SpanSchema base = base(ledger, decided.version(), versions);
    SpanSchema before = ledger.schema();
    if (base == null || before == null || !problems(base, decided).isEmpty()) {
      return Optional.empty();
    }
    Map<String, ColumnSchema> columns = new TreeMap<>(base.columns());
    for (SchemaDecided.Edit edit : decided.edits()) {
      columns.computeIfPresent(
          edit.column(), (name, column) -> edit.drop() ? null : edited(column, edit));
    }
    List<String> environments =
        decided.defaultEnvironment() == null
            ? before.defaultEnvironment()
            : decided.defaultEnvironment();
    if (before.curation() != null
        && before.columns().equals(columns)
        && before.defaultEnvironment().equals(environments)) {
      return Optional.empty(); // delivered again, or decided already
    }
    SpanSchema next =
        new SpanSchema(
            before.event(),
            before.version() + 1,
            base.learnedFrom(),
            List.of(),
            columns,
            new SpanSchema.Curation(decided.by(), decided.reason(), decided.decidedAtMs()),
            environments);
    return Optional.of(withChanges(before, next));
  }

  /** A wider schema as the version that would follow the curated one. */
  static SpanSchema proposal(SpanSchema curated, SpanSchema wider) {
    return withChanges(
        curated,
        new SpanSchema(
            curated.event(),
            curated.version() + 1,
            wider.learnedFrom(),
            List.of(),
            wider.columns(),
            null,
            curated.defaultEnvironment()));
  }

  private static SpanSchema withChanges(SpanSchema before, SpanSchema next) {
    List<String> changes =
        SchemaDiff.between(before, next).stream()
            .map(
                each ->
                    "'%s' %s: %s → %s"
                        .formatted(each.column(), each.fact(), each.before(), each.after()))
            .toList();
    return new SpanSchema(
        next.event(),
        next.version(),
        next.learnedFrom(),
        changes,
        next.columns(),
        next.curation(),
        next.defaultEnvironment());
  }

  private static ColumnSchema edited(ColumnSchema column, SchemaDecided.Edit edit) {
    ColumnSchema next = column;
    String type = edit.type();
    if (type != null) {
      next = next.withType(ColumnSchema.Type.valueOf(type));
    }
    Double share = edit.maxMissingShare();
    if (share != null) {
      next = next.withMaxMissingShare(share);
    }
    List<String> domain = edit.domain();
    if (domain != null) {
      next = next.withDeclaredDomain(domain.isEmpty() ? null : domain.stream().sorted().toList());
    }
    if (edit.low() != null || edit.high() != null) {
      next =
          next.withDeclaredRange(
              edit.low() == null ? next.low() : edit.low(),
              edit.high() == null ? next.high() : edit.high());
    }
    ColumnRules rules = edit.rules();
    return rules == null ? next : next.withRules(next.rules().with(rules));
  }

  /** Everything that is wrong with a decision, against the schema that it starts from. */
  public static List<Problem> problems(SpanSchema base, SchemaDecided decided) {
    List<Problem> found = new ArrayList<>();
    text(found, "by", decided.by());
    text(found, "reason", decided.reason());
    environments(found, "defaultEnvironment", decided.defaultEnvironment());
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < decided.edits().size(); i++) {
      SchemaDecided.Edit edit = decided.edits().get(i);
      String path = "edits[" + i + "]";
      ColumnSchema column = base.columns().get(edit.column());
      if (column == null) {
        found.add(
            new Problem(
                path + ".column", "exists", "the schema has no column '" + edit.column() + "'"));
      } else if (!seen.add(edit.column())) {
        found.add(new Problem(path + ".column", "unique", "'" + edit.column() + "' comes twice"));
      } else {
        edit(found, path, column, edit);
      }
    }
    return found;
  }

  private static void text(List<Problem> found, String path, @Nullable String text) {
    if (text == null || text.isBlank() || text.length() > MAX_TEXT) {
      found.add(new Problem(path, "required", "needs 1 to " + MAX_TEXT + " characters"));
    }
  }

  private static void edit(
      List<Problem> found, String path, ColumnSchema column, SchemaDecided.Edit edit) {
    String type = edit.type();
    if (type != null && !settable(type)) {
      found.add(
          new Problem(path + ".type", "enum", "must be INT, FLOAT, STRING, BOOL, TIME or MIXED"));
    }
    Double share = edit.maxMissingShare();
    if (share != null && !(share >= 0 && share <= 1)) {
      found.add(new Problem(path + ".maxMissingShare", "range", "must lie in [0, 1]"));
    }
    List<String> domain = edit.domain();
    if (domain != null
        && (domain.size() > ColumnSchema.MAX_DOMAIN
            || new HashSet<>(domain).size() < domain.size())) {
      found.add(
          new Problem(
              path + ".domain",
              "size",
              "needs at most " + ColumnSchema.MAX_DOMAIN + " different values"));
    }
    Double low = edit.low() == null ? column.low() : edit.low();
    Double high = edit.high() == null ? column.high() : edit.high();
    if (low != null && high != null && !(low <= high)) {
      found.add(new Problem(path + ".low", "range", "must not lie above high, " + high));
    }
    ColumnSchema.Type next =
        type == null || !settable(type) ? column.type() : ColumnSchema.Type.valueOf(type);
    if (domain != null && !domain.isEmpty() && next.numeric()) {
      found.add(
          new Problem(
              path + ".domain", "DOMAIN_INVALID_FOR_TYPE", "a domain of strings for " + next));
    }
    boolean ranged = edit.low() != null || edit.high() != null;
    if (next == ColumnSchema.Type.BOOL && (ranged || (domain != null && !domain.isEmpty()))) {
      found.add(
          new Problem(
              path + (ranged ? ".low" : ".domain"),
              "BOOL_TYPE_INVALID_CONFIG",
              "true and false have neither a range nor a domain of strings"));
    }
    ColumnRules rules = edit.rules();
    if (rules != null) {
      rules(found, path + ".rules", column.rules().with(rules));
      form(found, path + ".rules", next, rules);
    }
  }

  /** A pattern must be one, and either must go with the type. */
  private static void form(
      List<Problem> found, String path, ColumnSchema.Type type, ColumnRules rules) {
    String pattern = rules.pattern();
    if (pattern != null && !pattern.isEmpty()) {
      if (type.numeric() || type == ColumnSchema.Type.BOOL) {
        found.add(
            new Problem(path + ".pattern", "DOMAIN_INVALID_FOR_TYPE", "a pattern for " + type));
      }
      try {
        new TextPattern(pattern);
      } catch (IllegalArgumentException e) {
        found.add(new Problem(path + ".pattern", "pattern", String.valueOf(e.getMessage())));
      }
    }
    TimeFormat format = rules.timeFormat();
    if (format != null
        && format != TimeFormat.ANY
        && (type == ColumnSchema.Type.BOOL || (!format.isNumber() && type.numeric()))) {
      found.add(
          new Problem(
              path + ".timeFormat",
              "DOMAIN_INVALID_FOR_TYPE",
              "the format " + format + " for " + type));
    }
  }

  private static void rules(List<Problem> found, String path, ColumnRules rules) {
    ordered(found, path + ".minValues", rules.minValues(), rules.maxValues());
    ordered(found, path + ".minUnique", rules.minUnique(), rules.maxUnique());
    Long count = rules.minCount();
    if (count != null && count < 0) {
      found.add(new Problem(path + ".minCount", "range", "must not be negative"));
    }
    environments(found, path + ".inEnvironment", rules.inEnvironment());
    environments(found, path + ".notInEnvironment", rules.notInEnvironment());
    thresholds(found, path + ".drift", rules.drift());
    thresholds(found, path + ".skew", rules.skew());
  }

  private static void ordered(
      List<Problem> found, String path, @Nullable Number least, @Nullable Number most) {
    if (least != null && least.longValue() < 0) {
      found.add(new Problem(path, "range", "must not be negative"));
    } else if (least != null && most != null && least.longValue() > most.longValue()) {
      found.add(new Problem(path, "range", "must not lie above " + most));
    }
  }

  private static void environments(List<Problem> found, String path, @Nullable List<String> names) {
    if (names != null && names.stream().anyMatch(each -> !ENVIRONMENT.matcher(each).matches())) {
      found.add(new Problem(path, "pattern", "names like TRAINING and SERVING, of A-Z, 0-9 and _"));
    }
  }

  private static void thresholds(
      List<Problem> found, String path, ColumnRules.@Nullable Thresholds thresholds) {
    if (thresholds == null) {
      return;
    }
    for (Double each :
        Arrays.asList(
            thresholds.infinityNorm(),
            thresholds.jensenShannonDivergence(),
            thresholds.normalizedAbsDifference())) {
      if (each != null && !(each >= 0)) {
        found.add(new Problem(path, "range", "a distance must not be negative"));
      }
    }
  }

  private static boolean settable(String type) {
    for (ColumnSchema.Type each : ColumnSchema.Type.values()) {
      if (each.name().equals(type)) {
        return each != ColumnSchema.Type.UNKNOWN;
      }
    }
    return false;
  }
}
