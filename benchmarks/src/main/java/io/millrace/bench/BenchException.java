// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

/** A benchmark that could not measure; the message is for people. */
public final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With its reason. */
  public BenchException(String message) {
    super(message);
  }

  /** With its reason and what caused it. */
  public BenchException(String message, Throwable cause) {
    super(message, cause);
  }
}
