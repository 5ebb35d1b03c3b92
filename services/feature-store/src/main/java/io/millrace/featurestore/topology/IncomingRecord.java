// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A record as it stands in the topic of an event.
 *
 * @param timestampMs when it was accepted, ms since the epoch
 */
public record IncomingRecord(
    byte @Nullable [] value,
    Headers headers,
    long timestampMs,
    String topic,
    int partition,
    long offset) {}
