// SPDX-License-Identifier: Apache-2.0
package io.millrace.models;

/** A file is not a usable model package; the message says what is wrong with it. */
public final class InvalidPackageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidPackageException(String message) {
    super(message);
  }

  public InvalidPackageException(String message, Throwable cause) {
    super(message, cause);
  }
}
