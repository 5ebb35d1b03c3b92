// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

/** A backend does not answer in time, or others are at the same events: send them again later. */
public final class IntakeUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public IntakeUnavailableException(String message) {
    super(message);
  }

  public IntakeUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
