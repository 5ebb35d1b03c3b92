// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.features.StreamPeer.Ends;
import io.millrace.common.serde.Json;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Kafka Streams' own ways, and the limit: reading and writing alone. */
final class StreamPeers {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private StreamPeers() {}

  /** Each event to the other topic as it is. */
  static void passThrough(StreamsBuilder builder, Ends ends) {
    events(builder, ends).to(ends.out(), Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
  }

  /** Count, sum, least and greatest of a field over windows of an hour that begin each minute. */
  static BiConsumer<StreamsBuilder, Ends> hopping(String field) {
    return hopping(field, HOUR, MINUTE);
  }

  /** Count, sum, least and greatest of a field over windows of another length. */
  static BiConsumer<StreamsBuilder, Ends> hopping(String field, Duration window, Duration step) {
    return (builder, ends) ->
        write(
            events(builder, ends)
                .groupByKey()
                .windowedBy(TimeWindows.ofSizeWithNoGrace(window).advanceBy(step))
                .aggregate(
                    StreamPeers::empty,
                    (key, value, stats) -> add(stats, number(value, field)),
                    Materialized.as("hopping")),
            ends);
  }

  /** The same over the hour before each event. */
  static BiConsumer<StreamsBuilder, Ends> sliding(String field) {
    return (builder, ends) ->
        write(
            events(builder, ends)
                .groupByKey()
                .windowedBy(SlidingWindows.ofTimeDifferenceWithNoGrace(HOUR))
                .aggregate(
                    StreamPeers::empty,
                    (key, value, stats) -> add(stats, number(value, field)),
                    Materialized.as("sliding")),
            ends);
  }

  private static KStream<byte[], byte[]> events(StreamsBuilder builder, Ends ends) {
    return builder.stream(ends.in(), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .peek((key, value) -> ends.count().incrementAndGet());
  }

  private static void write(KTable<Windowed<byte[]>, byte[]> table, Ends ends) {
    table
        .toStream((window, stats) -> window.key())
        .to(ends.out(), Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
  }

  private static byte[] empty() {
    return stats(0, 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
  }

  private static byte[] add(byte[] stats, double value) {
    ByteBuffer in = ByteBuffer.wrap(stats);
    return stats(
        in.getDouble() + 1,
        in.getDouble() + value,
        Math.min(in.getDouble(), value),
        Math.max(in.getDouble(), value));
  }

  private static byte[] stats(double count, double sum, double least, double greatest) {
    return ByteBuffer.allocate(4 * Double.BYTES)
        .putDouble(count)
        .putDouble(sum)
        .putDouble(least)
        .putDouble(greatest)
        .array();
  }

  private static double number(byte @Nullable [] json, String field) {
    if (json == null) {
      return 0;
    }
    try (JsonParser parser = Json.mapper().createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.PROPERTY_NAME
            && parser.currentName().equals(field)) {
          parser.nextToken();
          return parser.getDoubleValue();
        }
      }
      return 0;
    }
  }
}
