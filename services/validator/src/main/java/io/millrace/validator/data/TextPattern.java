// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.ExpressionException;
import io.millrace.features.expression.Expressions;
import java.util.Map;

/**
 * A regular expression that a whole string has to match, in the dialect and with the engine of
 * {@code matches} in expressions (RE2: time linear in the string, no back-references). Immutable.
 */
final class TextPattern {
  /** Longest expression. */
  static final int MOST_CHARS = 500;

  private static final String VALUE = "value";
  private static final EventSchema SCHEMA = new EventSchema(Map.of(VALUE, FieldType.STRING), false);

  private final String source;
  private final Compiled matches;

  /**
   * @throws IllegalArgumentException where it is no expression, saying why
   */
  TextPattern(String source) {
    if (source.isEmpty() || source.length() > MOST_CHARS) {
      throw new IllegalArgumentException("needs 1 to " + MOST_CHARS + " characters");
    }
    this.source = source;
    String whole = "^(?:" + source + ")$";
    try {
      matches =
          Expressions.compile(
              VALUE
                  + ".matches(\""
                  + whole.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")
                  + "\")",
              SCHEMA);
    } catch (ExpressionException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  String source() {
    return source;
  }

  boolean matches(String text) {
    return Boolean.TRUE.equals(matches.evaluate(Map.of(VALUE, text)));
  }
}
