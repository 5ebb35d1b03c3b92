// SPDX-License-Identifier: Apache-2.0
package io.millrace.example.yarnit;

import java.io.IOException;
import java.util.List;

/** A way into the platform. */
interface EventSink extends AutoCloseable {
  /**
   * Sends JSON objects of one kind of event and returns when they are taken.
   *
   * @throws IOException where they were not taken; sending them again is safe
   */
  void send(String event, List<String> json) throws IOException, InterruptedException;

  @Override
  void close();
}
