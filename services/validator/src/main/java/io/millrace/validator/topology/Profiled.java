// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.EventRejected;

/** What the first stage hands on. */
sealed interface Profiled permits Chunk, Profiled.Rejected {
  /** A record that is no event. */
  record Rejected(EventRejected letter) implements Profiled {}
}
