// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import java.util.List;

/** The data or the request allows no model; the reasons are for people. */
public final class UntrainableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> reasons;

  public UntrainableException(String... reasons) {
    super(String.join("; ", reasons));
    this.reasons = List.of(reasons);
  }

  public List<String> reasons() {
    return reasons;
  }
}
