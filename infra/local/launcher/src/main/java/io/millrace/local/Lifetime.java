// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.util.Optional;

/**
 * How long a started process may live.
 *
 * @param owner the process with whose end, however violent, the started one ends too; empty for one
 *     that stays until somebody stops it
 */
public record Lifetime(Optional<ProcessIdentity> owner) {
  /** Until this JVM ends, also when it is killed. */
  public static Lifetime ofThisProcess() {
    return new Lifetime(Optional.of(ProcessIdentity.current()));
  }

  /** Until that process ends, also when it is killed. */
  public static Lifetime of(ProcessIdentity owner) {
    return new Lifetime(Optional.of(owner));
  }

  /** Until it is stopped. */
  public static Lifetime detached() {
    return new Lifetime(Optional.empty());
  }
}
