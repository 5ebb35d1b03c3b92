// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Opens a trace span for a verdict and gives the headers that the verdict travels with. */
@FunctionalInterface
public interface VerdictTracing {
  /**
   * @param traceparent of the last event that the span of data received; null where there was none
   */
  Headers judged(
      String app, String event, String span, String status, @Nullable String traceparent);
}
