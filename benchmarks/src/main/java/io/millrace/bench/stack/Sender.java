// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import java.util.List;

/** A way in for events. Safe for use by several threads. */
public interface Sender {
  /** Sends events and returns when they are accepted for good. */
  void send(List<Message> events);
}
