// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import io.millrace.features.definition.FieldType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One checked sub-expression with a path per representation, so that numbers stay unboxed.
 *
 * <p>Each kind implements its natural path; the others are derived from it. "Missing" is {@code
 * NaN} for numbers, {@link #NO_INTEGER} for integers, {@link #UNKNOWN} for truth values and {@code
 * null} for objects.
 */
abstract class Node {
  /** Stands for a missing integer; the value −2^63 itself therefore counts as missing. */
  static final long NO_INTEGER = Long.MIN_VALUE;

  static final int UNKNOWN = -1;
  static final int FALSE = 0;
  static final int TRUE = 1;

  final FieldType type;

  /** A rendering that is equal for expressions of equal meaning; spacing and comments are gone. */
  final String canonical;

  private Node(FieldType type, String canonical) {
    this.type = type;
    this.canonical = canonical;
  }

  abstract double number(Map<String, ?> row);

  abstract long integer(Map<String, ?> row);

  abstract int truth(Map<String, ?> row);

  abstract @Nullable Object value(Map<String, ?> row);

  /** The value as text, or null where missing. */
  @Nullable String text(Map<String, ?> row) {
    return Coercion.text(value(row));
  }

  final boolean isNumeric() {
    return type == FieldType.INTEGER || type == FieldType.NUMBER;
  }

  /** An integer or a timestamp. */
  abstract static class Whole extends Node {
    Whole(FieldType type, String canonical) {
      super(type, canonical);
    }

    @Override
    double number(Map<String, ?> row) {
      long value = integer(row);
      return value == NO_INTEGER ? Double.NaN : (double) value;
    }

    @Override
    int truth(Map<String, ?> row) {
      return UNKNOWN;
    }

    @Override
    @Nullable Object value(Map<String, ?> row) {
      long value = integer(row);
      return value == NO_INTEGER ? null : (Object) value;
    }
  }

  abstract static class Real extends Node {
    Real(String canonical) {
      super(FieldType.NUMBER, canonical);
    }

    @Override
    long integer(Map<String, ?> row) {
      return Coercion.truncate(number(row));
    }

    @Override
    int truth(Map<String, ?> row) {
      return UNKNOWN;
    }

    @Override
    @Nullable Object value(Map<String, ?> row) {
      double value = number(row);
      return Double.isFinite(value) ? (Object) value : null;
    }
  }

  abstract static class Truth extends Node {
    Truth(String canonical) {
      super(FieldType.BOOLEAN, canonical);
    }

    @Override
    double number(Map<String, ?> row) {
      int truth = truth(row);
      return truth == UNKNOWN ? Double.NaN : truth;
    }

    @Override
    long integer(Map<String, ?> row) {
      int truth = truth(row);
      return truth == UNKNOWN ? NO_INTEGER : truth;
    }

    @Override
    @Nullable Object value(Map<String, ?> row) {
      int truth = truth(row);
      return truth == UNKNOWN ? null : (Object) (truth == TRUE);
    }
  }

  abstract static class Text extends Node {
    Text(String canonical) {
      super(FieldType.STRING, canonical);
    }

    @Override
    abstract @Nullable String text(Map<String, ?> row);

    @Override
    double number(Map<String, ?> row) {
      return Double.NaN;
    }

    @Override
    long integer(Map<String, ?> row) {
      return NO_INTEGER;
    }

    @Override
    int truth(Map<String, ?> row) {
      return UNKNOWN;
    }

    @Override
    @Nullable Object value(Map<String, ?> row) {
      return text(row);
    }
  }

  abstract static class Dynamic extends Node {
    Dynamic(String canonical) {
      super(FieldType.DYNAMIC, canonical);
    }

    @Override
    double number(Map<String, ?> row) {
      return Coercion.number(value(row));
    }

    @Override
    long integer(Map<String, ?> row) {
      Object value = value(row);
      return value instanceof Long whole ? whole : Coercion.truncate(Coercion.number(value));
    }

    @Override
    int truth(Map<String, ?> row) {
      return Coercion.truth(value(row));
    }
  }
}
