// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import org.jspecify.annotations.Nullable;

/** A store did not acknowledge or answer within its deadline. Nothing is lost; try again later. */
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Of a store that answers, and not with everything yet. */
  public StoreUnavailableException(String message) {
    super(message);
  }
}
