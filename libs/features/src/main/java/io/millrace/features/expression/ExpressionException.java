// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

/**
 * An expression that does not parse or does not type-check; the message is meant for its author.
 */
public final class ExpressionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String expression;
  private final String problem;
  private final int line;
  private final int column;

  ExpressionException(String expression, String problem, int line, int column) {
    super(problem + " (line " + line + ", column " + column + " of '" + expression + "')");
    this.expression = expression;
    this.problem = problem;
    this.line = line;
    this.column = column;
  }

  /** The expression as written. */
  public String expression() {
    return expression;
  }

  /** What is wrong, without the place. */
  public String problem() {
    return problem;
  }

  /** Line of the problem, from 1. */
  public int line() {
    return line;
  }

  /** Column of the problem, from 1. */
  public int column() {
    return column;
  }
}
