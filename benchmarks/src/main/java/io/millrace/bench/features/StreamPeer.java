// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.apache.kafka.streams.StreamsBuilder;

/**
 * A Kafka Streams application beside the service.
 *
 * @param name what it is
 * @param guarantee Kafka Streams' word for its processing guarantee
 * @param topology given a builder and its topics
 */
record StreamPeer(String name, String guarantee, BiConsumer<StreamsBuilder, Ends> topology) {
  /**
   * Ends of a topology.
   *
   * @param in topic to read
   * @param out topic to write
   * @param count to be incremented for each event
   */
  record Ends(String in, String out, AtomicLong count) {}
}
