// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

/** A file cannot be replayed; the message is for people. */
public final class ReplayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ReplayException(String message) {
    super(message);
  }

  ReplayException(String message, Throwable cause) {
    super(message, cause);
  }
}
