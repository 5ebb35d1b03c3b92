// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

/** The application is known, and no generation of its features answers yet. */
public final class NotServingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NotServingException(String app) {
    super("application '" + app + "' is being started");
  }
}
