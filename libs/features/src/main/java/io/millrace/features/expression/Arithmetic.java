// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import dev.cel.common.ast.CelExpr;
import io.millrace.features.definition.FieldType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operators {@code + - * / %} and unary minus. */
final class Arithmetic {
  private static final double MILLIS_PER_SECOND = 1000.0;

  private Arithmetic() {}

  static Node binary(Checker checker, CelExpr tree, char operator, Node a, Node b) {
    String canonical = "(" + a.canonical + operator + b.canonical + ")";
    if (a.type == FieldType.INTEGER && b.type == FieldType.INTEGER) {
      return whole(canonical, operator, a, b);
    }
    if (isNumberLike(a) && isNumberLike(b)) {
      return real(canonical, operator, a, b);
    }
    if (operator == '+' && isTextLike(a) && isTextLike(b)) {
      return concatenation(canonical, a, b);
    }
    if (operator == '-' && a.type == FieldType.TIMESTAMP && b.type == FieldType.TIMESTAMP) {
      return seconds(canonical, a, b);
    }
    throw checker.problem(
        tree,
        "operator '"
            + operator
            + "' does not apply to "
            + checker.describeArgument(tree, 0, a)
            + " and "
            + checker.describeArgument(tree, 1, b));
  }

  static Node negate(Checker checker, CelExpr tree, Node a) {
    String canonical = "(-" + a.canonical + ")";
    if (a.type == FieldType.INTEGER) {
      return new Node.Whole(FieldType.INTEGER, canonical) {
        @Override
        long integer(Map<String, ?> row) {
          // The negative of NO_INTEGER is itself, so missing stays missing.
          return -a.integer(row);
        }
      };
    }
    if (isNumberLike(a)) {
      return new Node.Real(canonical) {
        @Override
        double number(Map<String, ?> row) {
          return -a.number(row);
        }
      };
    }
    throw checker.problem(
        tree, "operator '-' does not apply to " + checker.describeArgument(tree, 0, a));
  }

  private static boolean isNumberLike(Node node) {
    return node.isNumeric() || node.type == FieldType.DYNAMIC;
  }

  private static boolean isTextLike(Node node) {
    return node.type == FieldType.STRING || node.type == FieldType.DYNAMIC;
  }

  private static Node real(String canonical, char operator, Node a, Node b) {
    return switch (operator) {
      case '+' ->
          new Node.Real(canonical) {
            @Override
            double number(Map<String, ?> row) {
              return a.number(row) + b.number(row);
            }
          };
      case '-' ->
          new Node.Real(canonical) {
            @Override
            double number(Map<String, ?> row) {
              return a.number(row) - b.number(row);
            }
          };
      case '*' ->
          new Node.Real(canonical) {
            @Override
            double number(Map<String, ?> row) {
              return a.number(row) * b.number(row);
            }
          };
      case '/' ->
          new Node.Real(canonical) {
            @Override
            double number(Map<String, ?> row) {
              double divisor = b.number(row);
              return divisor == 0 ? Double.NaN : a.number(row) / divisor;
            }
          };
      default ->
          new Node.Real(canonical) {
            @Override
            double number(Map<String, ?> row) {
              return a.number(row) % b.number(row);
            }
          };
    };
  }

  private static Node whole(String canonical, char operator, Node a, Node b) {
    return new Node.Whole(FieldType.INTEGER, canonical) {
      @Override
      long integer(Map<String, ?> row) {
        long x = a.integer(row);
        long y = b.integer(row);
        return x == NO_INTEGER || y == NO_INTEGER ? NO_INTEGER : apply(operator, x, y);
      }
    };
  }

  /** Overflow and division by zero are missing. */
  private static long apply(char operator, long x, long y) {
    switch (operator) {
      case '+' -> {
        long sum = x + y;
        return ((x ^ sum) & (y ^ sum)) < 0 ? Node.NO_INTEGER : sum;
      }
      case '-' -> {
        long difference = x - y;
        return ((x ^ y) & (x ^ difference)) < 0 ? Node.NO_INTEGER : difference;
      }
      case '*' -> {
        long low = x * y;
        return Math.multiplyHigh(x, y) == low >> 63 ? low : Node.NO_INTEGER;
      }
      case '/' -> {
        return y == 0 ? Node.NO_INTEGER : x / y;
      }
      default -> {
        return y == 0 ? Node.NO_INTEGER : x % y;
      }
    }
  }

  private static Node concatenation(String canonical, Node a, Node b) {
    return new Node.Text(canonical) {
      @Override
      @Nullable String text(Map<String, ?> row) {
        String left = a.text(row);
        String right = left == null ? null : b.text(row);
        return right == null ? null : left + right;
      }
    };
  }

  private static Node seconds(String canonical, Node a, Node b) {
    return new Node.Real(canonical) {
      @Override
      double number(Map<String, ?> row) {
        long x = a.integer(row);
        long y = b.integer(row);
        long millis = x == NO_INTEGER || y == NO_INTEGER ? NO_INTEGER : apply('-', x, y);
        return millis == NO_INTEGER ? Double.NaN : millis / MILLIS_PER_SECOND;
      }
    };
  }
}
