// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.datasets.ColumnType;
import io.millrace.features.definition.FieldType;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The type of a field's column, and its values in that type. A field without a declared type is a
 * number where all its values are numbers or texts that are wholly numbers, a truth value where all
 * are, else text. Not thread-safe.
 */
final class FieldValues {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  private final FieldType declared;
  private boolean allNumbers = true;
  private boolean allTruths = true;
  private boolean any;

  FieldValues(FieldType declared) {
    this.declared = declared;
  }

  void see(@Nullable Object value) {
    if (value != null && declared == FieldType.DYNAMIC) {
      any = true;
      allTruths &= value instanceof Boolean;
      allNumbers &=
          value instanceof Number
              || (value instanceof String text && NUMBER.matcher(text).matches());
    }
  }

  ColumnType type() {
    return switch (declared) {
      case STRING -> ColumnType.TEXT;
      case INTEGER -> ColumnType.INTEGER;
      case NUMBER -> ColumnType.NUMBER;
      case BOOLEAN -> ColumnType.BOOLEAN;
      case TIMESTAMP -> ColumnType.TIMESTAMP;
      case DYNAMIC ->
          !any || allNumbers ? ColumnType.NUMBER : allTruths ? ColumnType.BOOLEAN : ColumnType.TEXT;
    };
  }

  /** The value in the column's type; null where missing or not of it. */
  static @Nullable Object convert(@Nullable Object value, ColumnType type) {
    return switch (type) {
      case NUMBER ->
          switch (value) {
            case Number number -> number.doubleValue();
            case String text when NUMBER.matcher(text).matches() -> Double.parseDouble(text);
            case null, default -> null;
          };
      case INTEGER, TIMESTAMP ->
          switch (value) {
            case Long whole -> whole;
            case Double number when number == Math.rint(number) -> number.longValue();
            case null, default -> null;
          };
      case BOOLEAN -> value instanceof Boolean truth ? truth : null;
      case TEXT -> value == null ? null : value.toString();
    };
  }
}
