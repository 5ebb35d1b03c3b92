// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import org.jspecify.annotations.Nullable;

/** A file is not a dataset of ours, or does not fit what was asked of it. */
public final class DatasetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DatasetException(String message) {
    super(message);
  }

  public DatasetException(String message, Throwable cause) {
    super(message, cause);
  }

  /** A part that a file of ours always has. */
  static <T> T required(@Nullable T part, String what) {
    if (part == null) {
      throw new DatasetException("the file has no " + what);
    }
    return part;
  }
}
