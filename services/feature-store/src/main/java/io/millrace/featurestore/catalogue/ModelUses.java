// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.catalogue;

import java.util.List;
import java.util.Set;

/** Knows which model versions read which features. Thread-safe. */
public interface ModelUses {
  /**
   * A model version.
   *
   * @param status {@code CHAMPION}, {@code CANARY} …
   * @param reads features and derived features that it takes, with those that they are computed of
   */
  record Use(String version, String status, Set<String> reads) {
    public Use {
      reads = Set.copyOf(reads);
    }
  }

  /**
   * The versions of an application, newest first.
   *
   * @throws UnknownUsesException where that cannot be known now
   */
  List<Use> of(String app) throws UnknownUsesException;

  /** Who knows which models there are does not answer. */
  final class UnknownUsesException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnknownUsesException(String message) {
      super(message);
    }
  }
}
