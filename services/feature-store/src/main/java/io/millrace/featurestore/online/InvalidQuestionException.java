// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

/** A question that breaks a rule; everything in it is meant for the caller. */
public final class InvalidQuestionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String rule;

  /**
   * @param path where in the question
   * @param rule stable word
   */
  public InvalidQuestionException(String path, String rule, String message) {
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
}
