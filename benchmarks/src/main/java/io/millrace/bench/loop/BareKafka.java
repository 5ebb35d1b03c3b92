// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.loop;

import io.millrace.bench.BenchException;
import io.millrace.bench.stack.Arrivals;
import io.millrace.bench.stack.BenchStack;
import io.millrace.bench.stack.KafkaSender;
import io.millrace.bench.stack.Route;
import io.millrace.common.serde.Json;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Serdes;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The limit: the same events produced to a topic of the same broker, {@code acks=all}, and consumed
 * again, with nothing in between.
 */
final class BareKafka implements AutoCloseable {
  static final String NAME = "bare Kafka produce-consume";
  private static final String TOPIC = "bench.bare";
  private static final long SEED = 7;

  private final KafkaSender sender;
  private final Arrivals arrivals;
  private final Route route;

  BareKafka(BenchStack stack, InstantSource clock) {
    try (Admin admin = Admin.create(stack.kafka().admin())) {
      TopicCreation.ensure(
          admin,
          List.of(
              new Topic<>(
                  TOPIC,
                  Serdes.ByteArray(),
                  Serdes.ByteArray(),
                  Topics.PARTITIONS,
                  null,
                  false,
                  "benchmarks")),
          Duration.ofSeconds(30));
    }
    this.sender = new KafkaSender(stack.kafka(), TOPIC);
    this.arrivals = new Arrivals(stack.kafka(), TOPIC, json -> text(json, "id"));
    Views views = new Views(SEED, "bare-");
    this.route =
        new Route(
            count -> views.next(count, clock.millis() - 1_000, clock.millis()), sender, arrivals);
  }

  Route route() {
    return route;
  }

  /** One text field of a JSON object, read no further than to it. */
  static String text(byte[] json, String field) {
    try (JsonParser parser = Json.mapper().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME && parser.currentName().equals(field)) {
          String text = parser.nextStringValue();
          if (text != null) {
            return text;
          }
        }
      }
      throw new BenchException("a record without " + field);
    }
  }

  @Override
  public void close() {
    arrivals.close();
    sender.close();
  }
}
