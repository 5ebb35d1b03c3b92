// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.version;

/** A version cannot be begun yet, because an instance is removing what it has left before. */
public final class BeingRemovedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BeingRemovedException(String message) {
    super(message);
  }
}
