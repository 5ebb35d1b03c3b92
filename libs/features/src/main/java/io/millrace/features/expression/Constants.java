// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import io.millrace.features.definition.FieldType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Literals. */
final class Constants {
  private Constants() {}

  static Node whole(FieldType type, long value) {
    return new Node.Whole(type, value + ":" + type) {
      @Override
      long integer(Map<String, ?> row) {
        return value;
      }
    };
  }

  static Node real(double value) {
    return new Node.Real(Double.toString(value)) {
      @Override
      double number(Map<String, ?> row) {
        return value;
      }
    };
  }

  static Node truth(boolean value) {
    int truth = value ? Node.TRUE : Node.FALSE;
    return new Node.Truth(Boolean.toString(value)) {
      @Override
      int truth(Map<String, ?> row) {
        return truth;
      }
    };
  }

  static TextConstant text(String value) {
    return new TextConstant(value);
  }

  static Node missing(FieldType type) {
    return switch (type) {
      case INTEGER, TIMESTAMP ->
          new Node.Whole(type, "null:" + type) {
            @Override
            long integer(Map<String, ?> row) {
              return NO_INTEGER;
            }
          };
      case NUMBER ->
          new Node.Real("null:NUMBER") {
            @Override
            double number(Map<String, ?> row) {
              return Double.NaN;
            }
          };
      case BOOLEAN ->
          new Node.Truth("null:BOOLEAN") {
            @Override
            int truth(Map<String, ?> row) {
              return UNKNOWN;
            }
          };
      case STRING ->
          new Node.Text("null:STRING") {
            @Override
            @Nullable String text(Map<String, ?> row) {
              return null;
            }
          };
      case DYNAMIC ->
          new Node.Dynamic("null:DYNAMIC") {
            @Override
            @Nullable Object value(Map<String, ?> row) {
              return null;
            }
          };
    };
  }

  /** A string literal, recognisable where a function insists on one. */
  static final class TextConstant extends Node.Text {
    final String constant;

    private TextConstant(String constant) {
      super(quote(constant));
      this.constant = constant;
    }

    @Override
    String text(Map<String, ?> row) {
      return constant;
    }

    private static String quote(String text) {
      return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
  }
}
