// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One difference between two versions of a schema.
 *
 * @param column column that differs
 * @param fact what of it: {@code column}, {@code type}, {@code presence}, {@code types}, {@code
 *     domain}, {@code range}, {@code shape}, {@code format} or {@code rules}; of the schema, with
 *     an empty column, {@code defaultEnvironment}
 * @param before in the older version; {@code none} where it was not there
 * @param after in the newer version; {@code none} where it is gone
 */
public record SchemaDiff(String column, String fact, String before, String after) {
  private static final String NONE = "none";

  /** Every difference, by column. */
  public static List<SchemaDiff> between(SpanSchema older, SpanSchema newer) {
    Set<String> names = new TreeSet<>(older.columns().keySet());
    names.addAll(newer.columns().keySet());
    List<SchemaDiff> found = new ArrayList<>();
    for (String name : names) {
      ColumnSchema a = older.columns().get(name);
      ColumnSchema b = newer.columns().get(name);
      if (a == null || b == null) {
        found.add(new SchemaDiff(name, "column", type(a), type(b)));
      } else {
        facts(name, a, b, found);
      }
    }
    add(
        found,
        "",
        "defaultEnvironment",
        older.defaultEnvironment().toString(),
        newer.defaultEnvironment().toString());
    return found;
  }

  private static void facts(String name, ColumnSchema a, ColumnSchema b, List<SchemaDiff> found) {
    add(found, name, "type", a.type().name(), b.type().name());
    add(
        found,
        name,
        "presence",
        "missing ≤ " + Shares.percent(a.maxMissingShare()),
        "missing ≤ " + Shares.percent(b.maxMissingShare()));
    add(found, name, "types", a.typeShares().toString(), b.typeShares().toString());
    if (!Objects.equals(a.domain(), b.domain())) {
      found.add(domain(name, a.domain(), b.domain()));
    }
    add(found, name, "range", range(a), range(b));
    add(found, name, "shape", shape(a), shape(b));
    add(found, name, "format", format(a), format(b));
    add(found, name, "rules", rules(a), rules(b));
  }

  private static void add(
      List<SchemaDiff> found, String name, String fact, String before, String after) {
    if (!before.equals(after)) {
      found.add(new SchemaDiff(name, fact, before, after));
    }
  }

  private static SchemaDiff domain(
      String name, @Nullable List<String> before, @Nullable List<String> after) {
    if (before == null || after == null) {
      return new SchemaDiff(
          name,
          "domain",
          before == null ? NONE : before.size() + " values",
          after == null ? NONE : after.size() + " values");
    }
    Set<String> gone = new LinkedHashSet<>(before);
    gone.removeAll(after);
    Set<String> added = new LinkedHashSet<>(after);
    added.removeAll(before);
    return new SchemaDiff(
        name, "domain", gone.isEmpty() ? before.size() + " values" : "−" + gone, "+" + added);
  }

  private static String shape(ColumnSchema column) {
    return column.shape() == null ? NONE : column.shape() + " in a row";
  }

  private static String format(ColumnSchema column) {
    return column.format() == null ? NONE : column.format().name();
  }

  /** What is said, without what is not. */
  private static String rules(ColumnSchema column) {
    List<String> said = column.rules().said();
    return said.isEmpty() ? NONE : String.join(", ", said);
  }

  private static String type(@Nullable ColumnSchema column) {
    return column == null ? NONE : column.type().name();
  }

  static String range(ColumnSchema column) {
    Double low = column.low();
    Double high = column.high();
    return low == null && high == null
        ? NONE
        : "["
            + (low == null ? "-∞" : Shares.number(low))
            + ", "
            + (high == null ? "∞" : Shares.number(high))
            + "]";
  }
}
