// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.application;

/** The definitions can be neither read nor changed at the moment. */
public final class DefinitionsUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DefinitionsUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
