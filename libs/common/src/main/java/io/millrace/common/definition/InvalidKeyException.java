// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

/** A key that somebody sent breaks a rule; everything in it is meant for the sender. */
public final class InvalidKeyException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String rule;

  /**
   * @param field part of the key, empty for all of it
   * @param rule stable word
   */
  InvalidKeyException(String field, String rule, String message) {
    super(message);
    this.field = field;
    this.rule = rule;
  }

  /** The path of what is wrong, below that of the key. */
  public String below(String path) {
    return field.isEmpty() ? path : path + "." + field;
  }

  public String rule() {
    return rule;
  }
}
