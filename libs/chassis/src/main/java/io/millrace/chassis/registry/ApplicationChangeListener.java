// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.registry;

import io.millrace.common.contract.ApplicationApplied;

/** Told of applications that come, change and go. */
public interface ApplicationChangeListener {
  /** A definition came into force, for the first time or in a new version. */
  void applied(ApplicationApplied applied);

  /**
   * An application was deleted; the argument is its last definition. It may have happened while the
   * service was away: then it was never told that the application was applied.
   */
  void deleted(ApplicationApplied last);
}
