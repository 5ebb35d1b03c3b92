// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import dev.cel.common.CelSource;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import io.millrace.features.definition.FieldType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns a parsed tree into nodes, checking types on the way. One use per expression. */
final class Checker {
  private final String text;
  private final CelSource source;
  private final Names names;
  private final Set<String> fields;

  Checker(String text, CelSource source, Names names, Set<String> fields) {
    this.text = text;
    this.source = source;
    this.names = names;
    this.fields = fields;
  }

  Node compile(CelExpr tree) {
    if (isNull(tree)) {
      throw problem(tree, "the expression is always null");
    }
    return node(tree);
  }

  Node node(CelExpr tree) {
    return switch (tree.getKind()) {
      case CONSTANT -> constant(tree);
      case IDENT, SELECT -> field(tree);
      case CALL -> call(tree, tree.call());
      case LIST -> throw problem(tree, "a list is allowed only on the right of 'in'");
      case MAP, STRUCT -> throw problem(tree, "maps and messages are not supported");
      case COMPREHENSION ->
          throw problem(tree, "macros over lists are not supported: fields are single values");
      default -> throw problem(tree, "unsupported expression");
    };
  }

  ExpressionException problem(CelExpr at, String message) {
    Integer offset = source.getPositionsMap().get(at.id());
    CelSourceLocation place =
        offset == null
            ? CelSourceLocation.of(1, 0)
            : source.getOffsetLocation(offset).orElse(CelSourceLocation.of(1, 0));
    return new ExpressionException(text, message, place.getLine(), place.getColumn() + 1);
  }

  static boolean isNull(CelExpr tree) {
    return tree.getKind() == CelExpr.ExprKind.Kind.CONSTANT
        && tree.constant().getKind() == CelConstant.Kind.NULL_VALUE;
  }

  private Node constant(CelExpr tree) {
    CelConstant constant = tree.constant();
    return switch (constant.getKind()) {
      case INT64_VALUE -> Constants.whole(FieldType.INTEGER, constant.int64Value());
      case UINT64_VALUE -> {
        long value = constant.uint64Value().longValue();
        if (value < 0) {
          throw problem(tree, "unsigned numbers above 2^63 − 1 are not supported");
        }
        yield Constants.whole(FieldType.INTEGER, value);
      }
      case DOUBLE_VALUE -> Constants.real(constant.doubleValue());
      case BOOLEAN_VALUE -> Constants.truth(constant.booleanValue());
      case STRING_VALUE -> Constants.text(constant.stringValue());
      case NULL_VALUE -> throw problem(tree, "null may only be compared with == and !=");
      default -> throw problem(tree, "this kind of literal is not supported");
    };
  }

  private Node field(CelExpr tree) {
    List<String> path = path(tree);
    if (path == null) {
      throw problem(tree, "only fields of an event have members");
    }
    Node node = names.resolve(path);
    if (node == null) {
      throw problem(tree, names.unknown(path));
    }
    fields.add(names.nameOf(path));
    return node;
  }

  /** {@code a.b["c"]} as [a, b, c]; null where it is no such chain. */
  private static @Nullable List<String> path(CelExpr tree) {
    switch (tree.getKind()) {
      case IDENT -> {
        List<String> path = new ArrayList<>();
        path.add(tree.ident().name());
        return path;
      }
      case SELECT -> {
        List<String> path = path(tree.select().operand());
        if (path != null) {
          path.add(tree.select().field());
        }
        return path;
      }
      case CALL -> {
        var args = tree.call().args();
        if (!tree.call().function().equals("_[_]")
            || args.get(1).getKind() != CelExpr.ExprKind.Kind.CONSTANT
            || args.get(1).constant().getKind() != CelConstant.Kind.STRING_VALUE) {
          return null;
        }
        List<String> path = path(args.get(0));
        if (path != null) {
          path.add(args.get(1).constant().stringValue());
        }
        return path;
      }
      default -> {
        return null;
      }
    }
  }

  private Node call(CelExpr tree, CelExpr.CelCall call) {
    List<CelExpr> args = call.args();
    return switch (call.function()) {
      case "_+_", "_-_", "_*_", "_/_", "_%_" -> {
        char operator = call.function().charAt(1);
        yield Arithmetic.binary(this, tree, operator, node(args.get(0)), node(args.get(1)));
      }
      case "-_" -> Arithmetic.negate(this, tree, node(args.get(0)));
      case "_&&_", "_||_" -> {
        boolean and = call.function().equals("_&&_");
        yield Logic.junction(and, truth(args.get(0)), truth(args.get(1)));
      }
      case "!_" -> Logic.not(truth(args.get(0)));
      case "_?_:_" -> conditional(tree, args);
      case "_==_", "_!=_" -> equality(tree, call.function().equals("_==_"), args);
      case "_<_", "_<=_", "_>_", "_>=_" -> {
        String operator = call.function().substring(1, call.function().length() - 1);
        yield Comparison.order(this, tree, operator, node(args.get(0)), node(args.get(1)));
      }
      case "@in" -> membership(args.get(0), args.get(1));
      case "_[_]" -> field(tree);
      default -> Functions.call(this, tree, call);
    };
  }

  private Node truth(CelExpr tree) {
    Node node = node(tree);
    if (node.type != FieldType.BOOLEAN && node.type != FieldType.DYNAMIC) {
      throw problem(tree, "a condition is needed here, this is " + describe(tree, node));
    }
    return node;
  }

  private Node equality(CelExpr tree, boolean equal, List<CelExpr> args) {
    boolean leftNull = isNull(args.get(0));
    boolean rightNull = isNull(args.get(1));
    if (leftNull && rightNull) {
      return Constants.truth(equal);
    }
    if (leftNull || rightNull) {
      Node present = Logic.present(node(args.get(leftNull ? 1 : 0)));
      return equal ? Logic.not(present) : present;
    }
    Node same = Comparison.equal(this, tree, node(args.get(0)), node(args.get(1)));
    return equal ? same : Logic.not(same);
  }

  private Node membership(CelExpr needle, CelExpr list) {
    if (list.getKind() != CelExpr.ExprKind.Kind.LIST) {
      throw problem(list, "'in' needs a literal list, for example ['a', 'b']");
    }
    Node value = node(needle);
    Node result = null;
    for (CelExpr element : list.list().elements()) {
      Node same = Comparison.equal(this, element, value, node(element));
      result = result == null ? same : Logic.junction(false, result, same);
    }
    if (result == null) {
      throw problem(list, "the list is empty, so the condition is never true");
    }
    return result;
  }

  private Node conditional(CelExpr tree, List<CelExpr> args) {
    Node condition = truth(args.get(0));
    boolean leftNull = isNull(args.get(1));
    boolean rightNull = isNull(args.get(2));
    if (leftNull && rightNull) {
      throw problem(tree, "both branches are null");
    }
    if (leftNull) {
      Node right = node(args.get(2));
      return Logic.conditional(condition, Constants.missing(right.type), right, right.type);
    }
    Node left = node(args.get(1));
    if (rightNull) {
      return Logic.conditional(condition, left, Constants.missing(left.type), left.type);
    }
    Node right = node(args.get(2));
    return Logic.conditional(condition, left, right, unify(tree, left, right));
  }

  /** The type that holds either of two values. */
  FieldType unify(CelExpr tree, Node left, Node right) {
    if (left.type == right.type) {
      return left.type;
    }
    if (left.isNumeric() && right.isNumeric()) {
      return FieldType.NUMBER;
    }
    if (left.type == FieldType.DYNAMIC || right.type == FieldType.DYNAMIC) {
      return FieldType.DYNAMIC;
    }
    throw problem(tree, "the alternatives are " + left.type + " and " + right.type);
  }

  /** A sub-expression in the words of a message, for example {@code STRING 'Description'}. */
  String describe(CelExpr tree, Node node) {
    List<String> path = path(tree);
    return path == null ? "a " + node.type : node.type + " '" + names.nameOf(path) + "'";
  }

  String describeArgument(CelExpr call, int index, Node node) {
    return describe(call.call().args().get(index), node);
  }
}
