// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import dev.cel.common.ast.CelExpr;
import io.millrace.features.definition.FieldType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Named functions; {@code math.*} here, text and time in their own files. */
final class Functions {
  private Functions() {}

  static Node call(Checker checker, CelExpr tree, CelExpr.CelCall call) {
    String name = call.function();
    CelExpr target = call.target().orElse(null);
    if (target != null && isNamespace(target, "math")) {
      return math(checker, tree, name, call.args());
    }
    List<CelExpr> trees = new ArrayList<>();
    if (target != null) {
      trees.add(target);
    }
    trees.addAll(call.args());
    if (name.equals("coalesce") && target == null) {
      return coalesce(checker, tree, trees);
    }
    List<Node> args = trees.stream().map(checker::node).toList();
    if (target == null) {
      switch (name) {
        case "has" -> {
          expect(checker, tree, name, args, 1);
          return Logic.present(args.get(0));
        }
        case "double" -> {
          expect(checker, tree, name, args, 1);
          return toNumber(checker, tree, args.get(0));
        }
        case "int" -> {
          expect(checker, tree, name, args, 1);
          return toInteger(args.get(0));
        }
        case "string" -> {
          expect(checker, tree, name, args, 1);
          return TextFunctions.string(args.get(0));
        }
        case "timestamp" -> {
          expect(checker, tree, name, args, 1);
          return TimeFunctions.timestamp(checker, tree, args.get(0));
        }
        default -> {
          // size(x) and x.size() are the same function in CEL, and so are the rest.
        }
      }
    }
    Node node = TextFunctions.call(checker, tree, name, args);
    if (node == null) {
      node = TimeFunctions.call(checker, tree, name, args);
    }
    if (node == null) {
      throw checker.problem(tree, "unknown function '" + name + "'");
    }
    return node;
  }

  static void expect(Checker checker, CelExpr tree, String name, List<Node> args, int count) {
    if (args.size() != count) {
      throw checker.problem(
          tree, "function '" + name + "' takes " + count + " operand(s), not " + args.size());
    }
  }

  private static boolean isNamespace(CelExpr target, String name) {
    return target.getKind() == CelExpr.ExprKind.Kind.IDENT && target.ident().name().equals(name);
  }

  private static Node coalesce(Checker checker, CelExpr tree, List<CelExpr> trees) {
    if (trees.size() < 2) {
      throw checker.problem(tree, "function 'coalesce' takes two operands or more");
    }
    Node result = checker.node(trees.get(trees.size() - 1));
    for (int i = trees.size() - 2; i >= 0; i--) {
      Node first = checker.node(trees.get(i));
      FieldType type = checker.unify(tree, first, result);
      result = Logic.conditional(Logic.present(first), first, result, type);
    }
    return result;
  }

  private static Node toNumber(Checker checker, CelExpr tree, Node a) {
    String canonical = "double(" + a.canonical + ")";
    if (a.type == FieldType.STRING) {
      return new Node.Real(canonical) {
        @Override
        double number(Map<String, ?> row) {
          String text = a.text(row);
          return text == null ? Double.NaN : Coercion.parse(text);
        }
      };
    }
    if (a.type == FieldType.TIMESTAMP) {
      throw checker.problem(tree, "double() does not apply to a TIMESTAMP; use int() for seconds");
    }
    return new Node.Real(canonical) {
      @Override
      double number(Map<String, ?> row) {
        return a.number(row);
      }
    };
  }

  private static Node toInteger(Node a) {
    String canonical = "int(" + a.canonical + ")";
    return new Node.Whole(FieldType.INTEGER, canonical) {
      @Override
      long integer(Map<String, ?> row) {
        switch (a.type) {
          case TIMESTAMP -> {
            long millis = a.integer(row);
            return millis == NO_INTEGER ? NO_INTEGER : Math.floorDiv(millis, 1000L);
          }
          case STRING -> {
            String text = a.text(row);
            return text == null ? NO_INTEGER : Coercion.parseInteger(text);
          }
          default -> {
            return a.integer(row);
          }
        }
      }
    };
  }

  private static Node math(Checker checker, CelExpr tree, String name, List<CelExpr> trees) {
    List<Node> args = new ArrayList<>();
    for (CelExpr arg : trees) {
      Node node = checker.node(arg);
      if (!node.isNumeric() && node.type != FieldType.DYNAMIC) {
        throw checker.problem(
            arg, "math." + name + " needs a number, this is " + checker.describe(arg, node));
      }
      args.add(node);
    }
    if (name.equals("greatest") || name.equals("least")) {
      return extreme(checker, tree, name, args);
    }
    if (name.equals("pow")) {
      expect(checker, tree, "math.pow", args, 2);
      return binary("math.pow", StrictMath::pow, args.get(0), args.get(1));
    }
    DoubleUnaryOperator operator =
        switch (name) {
          case "abs" -> Math::abs;
          case "ceil" -> Math::ceil;
          case "floor" -> Math::floor;
          // CEL rounds halves away from zero.
          case "round" -> x -> Math.copySign(Math.floor(Math.abs(x) + 0.5), x);
          case "trunc" -> x -> x < 0 ? Math.ceil(x) : Math.floor(x);
          case "sign" -> Math::signum;
          case "sqrt" -> Math::sqrt;
          case "exp" -> StrictMath::exp;
          case "log" -> StrictMath::log;
          case "log1p" -> StrictMath::log1p;
          default -> throw checker.problem(tree, "unknown function 'math." + name + "'");
        };
    expect(checker, tree, "math." + name, args, 1);
    Node a = args.get(0);
    if (a.type == FieldType.INTEGER && (name.equals("abs") || name.equals("sign"))) {
      return wholeUnary(name, a);
    }
    return new Node.Real("math." + name + "(" + a.canonical + ")") {
      @Override
      double number(Map<String, ?> row) {
        double value = operator.applyAsDouble(a.number(row));
        return Double.isFinite(value) ? value : Double.NaN;
      }
    };
  }

  private static Node wholeUnary(String name, Node a) {
    boolean sign = name.equals("sign");
    return new Node.Whole(FieldType.INTEGER, "math." + name + "(" + a.canonical + ")") {
      @Override
      long integer(Map<String, ?> row) {
        long value = a.integer(row);
        return value == NO_INTEGER ? NO_INTEGER : sign ? Long.signum(value) : Math.abs(value);
      }
    };
  }

  private static Node extreme(Checker checker, CelExpr tree, String name, List<Node> args) {
    if (args.isEmpty()) {
      throw checker.problem(tree, "math." + name + " needs an operand");
    }
    boolean greatest = name.equals("greatest");
    Node result = args.get(0);
    for (Node next : args.subList(1, args.size())) {
      result =
          result.type == FieldType.INTEGER && next.type == FieldType.INTEGER
              ? wholeExtreme(greatest, result, next)
              : binary("math." + name, greatest ? Math::max : Math::min, result, next);
    }
    return result;
  }

  private static Node wholeExtreme(boolean greatest, Node a, Node b) {
    String name = greatest ? "math.greatest" : "math.least";
    String canonical = name + "(" + a.canonical + "," + b.canonical + ")";
    return new Node.Whole(FieldType.INTEGER, canonical) {
      @Override
      long integer(Map<String, ?> row) {
        long x = a.integer(row);
        long y = b.integer(row);
        if (x == NO_INTEGER || y == NO_INTEGER) {
          return NO_INTEGER;
        }
        return greatest ? Math.max(x, y) : Math.min(x, y);
      }
    };
  }

  private static Node binary(String name, DoubleBinaryOperator operator, Node a, Node b) {
    return new Node.Real(name + "(" + a.canonical + "," + b.canonical + ")") {
      @Override
      double number(Map<String, ?> row) {
        double x = a.number(row);
        double y = b.number(row);
        // Math.pow(NaN, 0) is 1; a missing operand must stay missing.
        return Double.isNaN(x) || Double.isNaN(y) ? Double.NaN : operator.applyAsDouble(x, y);
      }
    };
  }

  static @Nullable String constantText(Node node) {
    return node instanceof Constants.TextConstant text ? text.constant : null;
  }
}
