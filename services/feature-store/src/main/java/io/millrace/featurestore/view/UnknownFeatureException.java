// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

/** A request names a view or feature that the application does not have. */
public final class UnknownFeatureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownFeatureException(String message) {
    super(message);
  }
}
