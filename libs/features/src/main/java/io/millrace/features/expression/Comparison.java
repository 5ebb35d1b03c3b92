// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import dev.cel.common.ast.CelExpr;
import io.millrace.features.definition.FieldType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Equality and order. Numbers compare by value across types, without rounding. */
final class Comparison {
  /** Result of {@link Order#compare} where an operand is missing. */
  private static final int NOT_COMPARABLE = Integer.MIN_VALUE;

  private Comparison() {}

  /** Sign of a − b, or {@link #NOT_COMPARABLE}. */
  private interface Order {
    int compare(Map<String, ?> row);
  }

  static Node order(Checker checker, CelExpr tree, String operator, Node a, Node b) {
    String canonical = "(" + a.canonical + operator + b.canonical + ")";
    Order order = orderOf(a, b);
    if (order == null) {
      throw checker.problem(tree, mismatch(checker, tree, operator, a, b));
    }
    boolean less = operator.charAt(0) == '<';
    boolean orEqual = operator.length() == 2;
    return new Node.Truth(canonical) {
      @Override
      int truth(Map<String, ?> row) {
        int sign = order.compare(row);
        if (sign == NOT_COMPARABLE) {
          return UNKNOWN;
        }
        return sign == 0 ? (orEqual ? TRUE : FALSE) : (sign < 0) == less ? TRUE : FALSE;
      }
    };
  }

  static Node equal(Checker checker, CelExpr tree, Node a, Node b) {
    String canonical = "(" + a.canonical + "==" + b.canonical + ")";
    if (a.type == FieldType.BOOLEAN || b.type == FieldType.BOOLEAN) {
      if (!isTruthLike(a) || !isTruthLike(b)) {
        throw checker.problem(tree, mismatch(checker, tree, "==", a, b));
      }
      return new Node.Truth(canonical) {
        @Override
        int truth(Map<String, ?> row) {
          int x = a.truth(row);
          int y = b.truth(row);
          return x == UNKNOWN || y == UNKNOWN ? UNKNOWN : x == y ? TRUE : FALSE;
        }
      };
    }
    Order order = orderOf(a, b);
    if (order == null) {
      throw checker.problem(tree, mismatch(checker, tree, "==", a, b));
    }
    return new Node.Truth(canonical) {
      @Override
      int truth(Map<String, ?> row) {
        int sign = order.compare(row);
        return sign == NOT_COMPARABLE ? UNKNOWN : sign == 0 ? TRUE : FALSE;
      }
    };
  }

  private static boolean isTruthLike(Node node) {
    return node.type == FieldType.BOOLEAN || node.type == FieldType.DYNAMIC;
  }

  private static String mismatch(Checker checker, CelExpr tree, String operator, Node a, Node b) {
    boolean isCall = tree.getKind() == CelExpr.ExprKind.Kind.CALL && tree.call().args().size() == 2;
    String left = isCall ? checker.describeArgument(tree, 0, a) : "a " + a.type;
    String right = isCall ? checker.describeArgument(tree, 1, b) : "a " + b.type;
    return "cannot compare " + left + " with " + right + " by '" + operator + "'";
  }

  private static @Nullable Order orderOf(Node a, Node b) {
    if (a.type == FieldType.DYNAMIC && b.type == FieldType.DYNAMIC) {
      return row -> compareDynamic(a.value(row), b.value(row));
    }
    if (a.type == FieldType.BOOLEAN || b.type == FieldType.BOOLEAN) {
      return null;
    }
    boolean aText = a.type == FieldType.STRING;
    boolean bText = b.type == FieldType.STRING;
    boolean dynamic = a.type == FieldType.DYNAMIC || b.type == FieldType.DYNAMIC;
    if (aText || bText) {
      return (aText && bText) || dynamic ? row -> compareText(a.text(row), b.text(row)) : null;
    }
    if ((a.type == FieldType.TIMESTAMP) != (b.type == FieldType.TIMESTAMP) && !dynamic) {
      return null;
    }
    if (a instanceof Node.Whole && b instanceof Node.Whole) {
      return row -> {
        long x = a.integer(row);
        long y = b.integer(row);
        return x == Node.NO_INTEGER || y == Node.NO_INTEGER ? NOT_COMPARABLE : Long.compare(x, y);
      };
    }
    if (a instanceof Node.Whole) {
      return row -> compareMixed(a.integer(row), b.number(row));
    }
    if (b instanceof Node.Whole) {
      return row -> {
        int sign = compareMixed(b.integer(row), a.number(row));
        return sign == NOT_COMPARABLE ? NOT_COMPARABLE : -sign;
      };
    }
    return row -> compareNumbers(a.number(row), b.number(row));
  }

  private static int compareNumbers(double x, double y) {
    return Double.isNaN(x) || Double.isNaN(y) ? NOT_COMPARABLE : Coercion.compare(x, y);
  }

  private static int compareMixed(long x, double y) {
    return x == Node.NO_INTEGER || Double.isNaN(y) ? NOT_COMPARABLE : Coercion.compare(x, y);
  }

  private static int compareText(@Nullable String x, @Nullable String y) {
    return x == null || y == null ? NOT_COMPARABLE : Integer.signum(x.compareTo(y));
  }

  /** As numbers where both are, as text otherwise. */
  private static int compareDynamic(@Nullable Object x, @Nullable Object y) {
    if (x == null || y == null) {
      return NOT_COMPARABLE;
    }
    if (x instanceof Long a && y instanceof Long b) {
      return Long.compare(a, b);
    }
    double a = Coercion.number(x);
    double b = Coercion.number(y);
    if (!Double.isNaN(a) && !Double.isNaN(b)) {
      return Coercion.compare(a, b);
    }
    return compareText(Coercion.text(x), Coercion.text(y));
  }
}
