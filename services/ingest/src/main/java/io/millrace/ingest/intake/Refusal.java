// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import org.jspecify.annotations.Nullable;

/** Ends the judging of a row with the rule that it breaks. Carries no stack: it is no failure. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final @Nullable String field;

  Refusal(String reason, @Nullable String field, String message) {
    super(message, null, false, false);
    this.reason = reason;
    this.field = field;
  }

  String reason() {
    return reason;
  }

  @Nullable String field() {
    return field;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
