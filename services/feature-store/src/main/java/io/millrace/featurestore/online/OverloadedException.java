// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

/** As many reads are being answered as the service takes on; the caller should wait a little. */
public final class OverloadedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OverloadedException(String message) {
    super(message);
  }
}
