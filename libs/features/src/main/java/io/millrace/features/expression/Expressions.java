// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.parser.CelParser;
import dev.cel.parser.CelParserFactory;
import io.millrace.features.definition.EventSchema;
import java.util.Map;
import java.util.TreeSet;

/**
 * Compiles CEL (<a href="https://cel.dev">Common Expression Language</a>) over event fields.
 *
 * <p>CEL's grammar is used as it is. Typing differs from CEL where its strictness would hurt: an
 * INTEGER mixed with a NUMBER becomes a NUMBER, {@code %} applies to numbers, and a DYNAMIC operand
 * is a number beside a number (a string that is wholly a number counts) and text beside text.
 * Arithmetic on DYNAMIC operands is done in NUMBER, so the result never depends on how a number was
 * spelt. The difference of two TIMESTAMPs is a NUMBER of seconds. Instead of failing, an undefined
 * operation (division by zero, integer overflow) is missing.
 *
 * <p>Functions: {@code has, coalesce, size, contains, startsWith, endsWith, matches} (RE2, literal
 * pattern), {@code lowerAscii, upperAscii, trim, int, double, string, timestamp, math.abs, ceil,
 * floor, round, trunc, sign, sqrt, exp, log, log1p, pow, greatest, least}, and on timestamps CEL's
 * {@code getHours} family with an optional zone.
 *
 * <p>A field whose name is no identifier is written {@code event["unit price"]}.
 */
public final class Expressions {
  private static final int MAX_LENGTH = 10_000;
  private static final CelParser PARSER = CelParserFactory.standardCelParserBuilder().build();

  private Expressions() {}

  /**
   * Compiles an expression whose identifiers are fields of one event.
   *
   * @throws ExpressionException if it does not parse, names an unknown field or mixes types
   */
  public static Compiled compile(String cel, EventSchema schema) {
    return compile(cel, new Names.Fields(schema));
  }

  /**
   * Compiles an expression whose identifiers are {@code scope.field}.
   *
   * @param scopes scope name → its fields
   * @throws ExpressionException if it does not parse, names an unknown field or mixes types
   */
  public static Compiled compile(String cel, Map<String, EventSchema> scopes) {
    return compile(cel, new Names.Scoped(Map.copyOf(scopes), null));
  }

  /**
   * The same for rows of slots, to which the names that it reads are added.
   *
   * @param scopes scope name → its fields
   * @throws ExpressionException if it does not parse, names an unknown field or mixes types
   */
  public static Compiled compile(String cel, Map<String, EventSchema> scopes, Slots slots) {
    return compile(cel, new Names.Scoped(Map.copyOf(scopes), slots));
  }

  private static Compiled compile(String cel, Names names) {
    if (cel.isBlank()) {
      throw new ExpressionException(cel, "the expression is empty", 1, 1);
    }
    if (cel.length() > MAX_LENGTH) {
      throw new ExpressionException(
          cel.substring(0, 40) + "…", "longer than " + MAX_LENGTH + " characters", 1, 1);
    }
    CelAbstractSyntaxTree tree;
    try {
      tree = PARSER.parse(cel).getAst();
    } catch (CelValidationException e) {
      CelIssue first = e.getErrors().get(0);
      throw new ExpressionException(
          cel,
          first.getMessage(),
          first.getSourceLocation().getLine(),
          first.getSourceLocation().getColumn() + 1);
    }
    TreeSet<String> fields = new TreeSet<>();
    Node root = new Checker(cel, tree.getSource(), names, fields).compile(tree.getExpr());
    return new Compiled(cel, root, fields);
  }
}
