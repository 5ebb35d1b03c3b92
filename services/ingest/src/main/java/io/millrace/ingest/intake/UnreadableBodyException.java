// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

/** A body whose rows cannot be told apart; none of it is taken in. */
public final class UnreadableBodyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String rule;

  /**
   * @param path where in the body, for example {@code line 7}
   * @param rule stable word
   */
  public UnreadableBodyException(String path, String rule, String message) {
    super(message);
    this.path = path;
    this.rule = rule;
  }

  public String path() {
    return path;
  }

  public String rule() {
    return rule;
  }

  /** For a person. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
