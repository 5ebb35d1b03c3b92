// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

/** The caller may read none of the features asked for; the message names them. */
public final class DeniedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DeniedException(String message) {
    super(message);
  }
}
