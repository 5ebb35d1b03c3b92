// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random well-typed expressions against the CEL interpreter, where both define a value. */
final class CelOracleTest {
  private static final int EXPRESSIONS = 700;
  private static final int ROWS = 5;

  private static final CelOptions OPTIONS =
      CelOptions.current().enableHeterogeneousNumericComparisons(true).build();
  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setOptions(OPTIONS)
          .addVar("i", SimpleType.INT)
          .addVar("j", SimpleType.INT)
          .addVar("x", SimpleType.DOUBLE)
          .addVar("y", SimpleType.DOUBLE)
          .addVar("s", SimpleType.STRING)
          .addVar("t", SimpleType.STRING)
          .addVar("b", SimpleType.BOOL)
          .build();
  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.standardCelRuntimeBuilder().setOptions(OPTIONS).build();
  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of(
              "i", FieldType.INTEGER,
              "j", FieldType.INTEGER,
              "x", FieldType.NUMBER,
              "y", FieldType.NUMBER,
              "s", FieldType.STRING,
              "t", FieldType.STRING,
              "b", FieldType.BOOLEAN),
          false);

  @Test
  void evaluate_randomExpressions_equalTheInterpreter() throws CelValidationException {
    SplittableRandom random = new SplittableRandom(20260731);
    int compared = 0;
    for (int n = 0; n < EXPRESSIONS; n++) {
      String cel = expression(random, random.nextInt(4), 4);
      CelAbstractSyntaxTree tree = COMPILER.compile(cel).getAst();
      Compiled ours = Expressions.compile(cel, SCHEMA);
      for (int r = 0; r < ROWS; r++) {
        Map<String, Object> row = row(random);
        Object expected;
        try {
          expected = RUNTIME.createProgram(tree).eval(row);
        } catch (CelEvaluationException e) {
          // CEL fails on overflow and integer division by zero. Ours is missing, unless the
          // failing operand cannot decide the result, where the two agree by not failing.
          expected = null;
        }
        if ((expected instanceof Double number && !Double.isFinite(number)) || cel.contains("/")) {
          // Division by zero is infinite in CEL and missing here, and may hide inside.
          continue;
        }
        assertThat(ours.evaluate(row)).as("%s on %s", cel, row).isEqualTo(expected);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(EXPRESSIONS * ROWS / 2);
  }

  @Test
  void evaluate_divisionByNonZero_equalsTheInterpreter() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    for (String cel : new String[] {"i / j", "i % j", "x / y", "i / j + i % j", "x / (y * y)"}) {
      CelAbstractSyntaxTree tree = COMPILER.compile(cel).getAst();
      Compiled ours = Expressions.compile(cel, SCHEMA);
      for (int r = 0; r < 200; r++) {
        Map<String, Object> row = row(random);
        if (row.get("j").equals(0L) || (double) row.get("y") == 0) {
          continue;
        }
        assertThat(ours.evaluate(row))
            .as("%s on %s", cel, row)
            .isEqualTo(RUNTIME.createProgram(tree).eval(row));
      }
    }
  }

  private static Map<String, Object> row(SplittableRandom random) {
    Map<String, Object> row = new HashMap<>();
    // Large enough to overflow, and no sum of it is −2^63, which counts as missing here.
    row.put("i", random.nextInt(8) == 0 ? 6_917_529_027_641_081_863L : random.nextLong(-5, 6));
    row.put("j", random.nextLong(-5, 6));
    row.put("x", random.nextInt(-8, 9) / 4.0);
    row.put("y", random.nextInt(8) == 0 ? 9.007199254740992E15 : random.nextInt(-8, 9) / 4.0);
    row.put("s", text(random));
    row.put("t", text(random));
    row.put("b", random.nextBoolean());
    return row;
  }

  private static String text(SplittableRandom random) {
    return new String[] {"", "a", "ab", "Ab", "12", "é€"}[random.nextInt(6)];
  }

  /** Kinds: 0 integer, 1 number, 2 text, 3 truth. */
  private static String expression(SplittableRandom random, int kind, int depth) {
    if (depth == 0 || random.nextInt(4) == 0) {
      return leaf(random, kind);
    }
    int next = depth - 1;
    String a = expression(random, kind, next);
    String b = expression(random, kind, next);
    int choice = random.nextInt(4);
    return switch (kind) {
      case 0, 1 ->
          switch (choice) {
            case 0 -> "(" + a + " + " + b + ")";
            case 1 -> "(" + a + " - " + b + ")";
            case 2 -> "(" + a + " * " + b + ")";
            default -> "(" + expression(random, 3, next) + " ? " + a + " : " + b + ")";
          };
      case 2 ->
          choice == 0
              ? "(" + expression(random, 3, next) + " ? " + a + " : " + b + ")"
              : "(" + a + " + " + b + ")";
      default -> truth(random, a, b, next);
    };
  }

  private static String truth(SplittableRandom random, String a, String b, int next) {
    String comparison = new String[] {"<", "<=", ">", ">=", "==", "!="}[random.nextInt(6)];
    switch (random.nextInt(7)) {
      case 0:
        return "(" + a + " && " + b + ")";
      case 1:
        return "(" + a + " || " + b + ")";
      case 2:
        return "!(" + a + ")";
      case 3:
        // CEL orders numbers across types, but does not let them be equal.
        int left = random.nextInt(2);
        int right =
            comparison.endsWith("=") && !comparison.matches("[<>]=") ? left : random.nextInt(2);
        return "("
            + expression(random, left, next)
            + comparison
            + expression(random, right, next)
            + ")";
      case 4:
        return "(" + expression(random, 2, next) + comparison + expression(random, 2, next) + ")";
      case 5:
        return expression(random, 2, next) + ".startsWith(" + leaf(random, 2) + ")";
      default:
        return "size(" + expression(random, 2, next) + ") in [0, 2, " + leaf(random, 0) + "]";
    }
  }

  private static String leaf(SplittableRandom random, int kind) {
    boolean field = random.nextInt(3) > 0;
    return switch (kind) {
      case 0 -> field ? (random.nextBoolean() ? "i" : "j") : Integer.toString(random.nextInt(5));
      case 1 -> field ? (random.nextBoolean() ? "x" : "y") : random.nextInt(5) + ".5";
      case 2 -> field ? (random.nextBoolean() ? "s" : "t") : "'" + text(random) + "'";
      default -> field ? "b" : Boolean.toString(random.nextBoolean());
    };
  }
}
