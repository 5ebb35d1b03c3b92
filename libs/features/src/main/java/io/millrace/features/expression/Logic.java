// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import io.millrace.features.definition.FieldType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Conditions in Kleene's three-valued logic: a missing operand decides nothing by itself. */
final class Logic {
  private Logic() {}

  static Node junction(boolean and, Node a, Node b) {
    String canonical = "(" + a.canonical + (and ? "&&" : "||") + b.canonical + ")";
    int deciding = and ? Node.FALSE : Node.TRUE;
    return new Node.Truth(canonical) {
      @Override
      int truth(Map<String, ?> row) {
        int x = a.truth(row);
        if (x == deciding) {
          return deciding;
        }
        int y = b.truth(row);
        return y == deciding ? deciding : x == UNKNOWN ? UNKNOWN : y;
      }
    };
  }

  static Node not(Node a) {
    return new Node.Truth("!" + a.canonical) {
      @Override
      int truth(Map<String, ?> row) {
        int x = a.truth(row);
        return x == UNKNOWN ? UNKNOWN : 1 - x;
      }
    };
  }

  /** Whether a value is not missing; never missing itself. */
  static Node present(Node a) {
    return new Node.Truth("has(" + a.canonical + ")") {
      @Override
      int truth(Map<String, ?> row) {
        boolean present =
            switch (a.type) {
              case INTEGER, TIMESTAMP -> a.integer(row) != NO_INTEGER;
              case NUMBER -> Double.isFinite(a.number(row));
              case BOOLEAN -> a.truth(row) != UNKNOWN;
              case STRING, DYNAMIC -> a.value(row) != null;
            };
        return present ? TRUE : FALSE;
      }
    };
  }

  static Node conditional(Node condition, Node yes, Node no, FieldType type) {
    String canonical = "(" + condition.canonical + "?" + yes.canonical + ":" + no.canonical + ")";
    return switch (type) {
      case INTEGER, TIMESTAMP ->
          new Node.Whole(type, canonical) {
            @Override
            long integer(Map<String, ?> row) {
              int truth = condition.truth(row);
              return truth == TRUE
                  ? yes.integer(row)
                  : truth == FALSE ? no.integer(row) : NO_INTEGER;
            }
          };
      case NUMBER ->
          new Node.Real(canonical) {
            @Override
            double number(Map<String, ?> row) {
              int truth = condition.truth(row);
              return truth == TRUE ? yes.number(row) : truth == FALSE ? no.number(row) : Double.NaN;
            }
          };
      case BOOLEAN ->
          new Node.Truth(canonical) {
            @Override
            int truth(Map<String, ?> row) {
              int truth = condition.truth(row);
              return truth == TRUE ? yes.truth(row) : truth == FALSE ? no.truth(row) : UNKNOWN;
            }
          };
      case STRING ->
          new Node.Text(canonical) {
            @Override
            @Nullable String text(Map<String, ?> row) {
              int truth = condition.truth(row);
              return truth == TRUE ? yes.text(row) : truth == FALSE ? no.text(row) : null;
            }
          };
      case DYNAMIC ->
          new Node.Dynamic(canonical) {
            @Override
            @Nullable Object value(Map<String, ?> row) {
              int truth = condition.truth(row);
              return truth == TRUE ? yes.value(row) : truth == FALSE ? no.value(row) : null;
            }
          };
    };
  }
}
