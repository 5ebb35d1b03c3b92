// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.ast.CelExpr;
import io.millrace.features.definition.FieldType;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Functions on strings. */
final class TextFunctions {
  private TextFunctions() {}

  static @Nullable Node call(Checker checker, CelExpr tree, String name, List<Node> args) {
    switch (name) {
      case "size", "contains", "startsWith", "endsWith", "matches" -> {
        return predicate(checker, tree, name, args);
      }
      case "lowerAscii", "upperAscii", "trim" -> {
        Functions.expect(checker, tree, name, args, 1);
        requireText(checker, tree, name, args);
        return mapped(name, args.get(0));
      }
      default -> {
        return null;
      }
    }
  }

  static Node string(Node a) {
    return new Node.Text("string(" + a.canonical + ")") {
      @Override
      @Nullable String text(Map<String, ?> row) {
        return a.text(row);
      }
    };
  }

  private static Node predicate(Checker checker, CelExpr tree, String name, List<Node> args) {
    if (name.equals("size")) {
      Functions.expect(checker, tree, name, args, 1);
      requireText(checker, tree, name, args);
      return size(args.get(0));
    }
    Functions.expect(checker, tree, name, args, 2);
    requireText(checker, tree, name, args);
    return switch (name) {
      case "contains" -> test(name, args.get(0), args.get(1), String::contains);
      case "startsWith" -> test(name, args.get(0), args.get(1), String::startsWith);
      case "endsWith" -> test(name, args.get(0), args.get(1), String::endsWith);
      default -> matches(checker, tree, args.get(0), args.get(1));
    };
  }

  private static void requireText(Checker checker, CelExpr tree, String name, List<Node> args) {
    for (Node arg : args) {
      if (arg.type != FieldType.STRING && arg.type != FieldType.DYNAMIC) {
        throw checker.problem(
            tree, "function '" + name + "' needs a STRING, this is a " + arg.type);
      }
    }
  }

  private static Node size(Node a) {
    return new Node.Whole(FieldType.INTEGER, "size(" + a.canonical + ")") {
      @Override
      long integer(Map<String, ?> row) {
        String text = a.text(row);
        return text == null ? NO_INTEGER : text.codePointCount(0, text.length());
      }
    };
  }

  private static Node test(String name, Node a, Node b, BiPredicate<String, String> predicate) {
    return new Node.Truth(name + "(" + a.canonical + "," + b.canonical + ")") {
      @Override
      int truth(Map<String, ?> row) {
        String text = a.text(row);
        String part = b.text(row);
        if (text == null || part == null) {
          return UNKNOWN;
        }
        return predicate.test(text, part) ? TRUE : FALSE;
      }
    };
  }

  private static Node matches(Checker checker, CelExpr tree, Node a, Node b) {
    String regex = Functions.constantText(b);
    if (regex == null) {
      throw checker.problem(tree, "matches() needs a literal pattern");
    }
    Pattern pattern;
    try {
      pattern = Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw checker.problem(tree, "bad pattern: " + e.getDescription());
    }
    return test("matches", a, b, (text, ignored) -> pattern.matcher(text).find());
  }

  private static Node mapped(String name, Node a) {
    UnaryOperator<String> function =
        switch (name) {
          case "lowerAscii" -> text -> shiftCase(text, 'A', 'Z', 'a' - 'A');
          case "upperAscii" -> text -> shiftCase(text, 'a', 'z', 'A' - 'a');
          default -> String::strip;
        };
    return new Node.Text(name + "(" + a.canonical + ")") {
      @Override
      @Nullable String text(Map<String, ?> row) {
        String text = a.text(row);
        return text == null ? null : function.apply(text);
      }
    };
  }

  private static String shiftCase(String text, char from, char to, int shift) {
    StringBuilder result = new StringBuilder(text);
    for (int i = 0; i < result.length(); i++) {
      char c = result.charAt(i);
      if (c >= from && c <= to) {
        result.setCharAt(i, (char) (c + shift));
      }
    }
    return result.toString();
  }
}
