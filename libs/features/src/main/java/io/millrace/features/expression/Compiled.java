// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import io.millrace.features.definition.FieldType;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A type-checked expression, ready to evaluate. Immutable and thread-safe; the numeric and boolean
 * paths allocate nothing.
 *
 * <p>A row is the event's fields ({@code field → value}), or for an expression compiled with scopes
 * a map of such maps ({@code scope → field → value}), with slots a {@link Slots.Row}. Values are
 * {@link String}, {@link Long}, {@link Double} or {@link Boolean}; a field that is absent, null or
 * of an impossible type is missing. Missing spreads: an operation on a missing operand is missing,
 * except that {@code false && missing} is false, {@code true || missing} is true, and {@code
 * has(x)}, {@code x == null} and {@code coalesce(x, y)} ask about it.
 */
public final class Compiled {
  private final String source;
  private final Node root;
  private final Set<String> fields;
  private final String[] names;

  Compiled(String source, Node root, Set<String> fields) {
    this.source = source;
    this.root = root;
    this.fields = Set.copyOf(fields);
    this.names = fields.toArray(String[]::new);
  }

  /** The type of a result that is not missing. */
  public FieldType resultType() {
    return root.type;
  }

  /** Names of the fields that are read, {@code scope.field} where compiled with scopes. */
  public Set<String> fields() {
    return fields;
  }

  /** The expression as written. */
  public String source() {
    return source;
  }

  /**
   * A rendering that changes exactly when the parsed expression or the type of a field it reads
   * changes; spacing, redundant brackets and comments do not show.
   */
  public String canonical() {
    return root.canonical;
  }

  /**
   * The value.
   *
   * @return a String, Long, finite Double or Boolean; null where missing
   */
  public @Nullable Object evaluate(Map<String, ?> row) {
    return root.value(row);
  }

  /** The value as a finite number (true is 1); NaN where it is missing or not a number. */
  public double asDouble(Map<String, ?> row) {
    double value = root.number(row);
    return Double.isFinite(value) ? value : Double.NaN;
  }

  /** Whether the value is true; false where missing. */
  public boolean asBoolean(Map<String, ?> row) {
    return root.truth(row) == Node.TRUE;
  }

  /** Whether the value is true; null where missing. */
  public @Nullable Boolean asTruth(Map<String, ?> row) {
    return switch (root.truth(row)) {
      case Node.TRUE -> Boolean.TRUE;
      case Node.FALSE -> Boolean.FALSE;
      default -> null;
    };
  }

  /**
   * Whether a row has every field that is read. A value that is missing all the same is undefined:
   * a division by zero, a number that no double holds, a field of another type.
   */
  public boolean hasAllFields(Map<String, ?> row) {
    for (String name : names) {
      if (row.get(name) == null) {
        return false;
      }
    }
    return true;
  }

  /** The value as text; null where missing. */
  public @Nullable String asText(Map<String, ?> row) {
    return root.text(row);
  }

  @Override
  public String toString() {
    return source;
  }
}
