// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

/**
 * A local process could not be prepared, started or stopped; the message names cause and remedy.
 */
public final class LocalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what failed and what to do about it. */
  public LocalException(String message) {
    super(message);
  }

  /** Says what failed and what to do about it, with the cause. */
  public LocalException(String message, Throwable cause) {
    super(message, cause);
  }
}
