// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes what ingest would write, and knows what the service's environment is. At the end it
 * deletes the applications that it applied: services of later tests share the broker, and would
 * compute them.
 */
final class LiveBackends implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(300);

  final KafkaSettings kafka = new KafkaSettings(Backends.kafka().bootstrapServers());
  final Admin admin = Admin.create(kafka.admin());
  private final Set<String> applied = new HashSet<>();
  private final KafkaProducer<byte[], byte[]> producer =
      new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());

  void apply(ApplicationDefinition definition, int version) {
    TopicCreation.ensure(admin, List.of(Topics.APPLICATIONS), LIMIT);
    TopicCreation.ensure(admin, new Topics(definition.name()).all(definition), LIMIT);
    send(
        Topics.APPLICATIONS,
        definition.name(),
        new ApplicationApplied(
            definition.name(), version, "hash-" + version, Definitions.T0, definition));
    producer.flush();
    applied.add(definition.name());
  }

  /** Deletes an application; what is on its topics stays. */
  void delete(String app) {
    producer.send(new ProducerRecord<>(Topics.APPLICATIONS.name(), app.getBytes(UTF_8), null));
    producer.flush();
  }

  void send(Topics topics, List<Event> some) {
    some.forEach(event -> send(topics.events(event.name()), String.valueOf(event.key()), event));
    producer.flush();
  }

  /** Waits until all that was sent is taken. */
  void flush() {
    producer.flush();
  }

  /** Sends a record that is no event. */
  void poison(String topic, String key) {
    producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), "{".getBytes(UTF_8)));
    producer.flush();
  }

  <V> void send(Topic<String, V> topic, String key, V value) {
    RecordHeaders headers = new RecordHeaders();
    byte[] bytes = topic.valueSerde().serializer().serialize(topic.name(), headers, value);
    producer.send(
        new ProducerRecord<>(
            topic.name(),
            null,
            null,
            topic.keySerde().serializer().serialize(topic.name(), key),
            bytes,
            headers));
  }

  /** All dead letters of an application, as soon as there are so many. */
  List<EventRejected> deadLetters(Topics topics, int atLeast) {
    Topic<String, EventRejected> topic = topics.rejected();
    List<EventRejected> letters = new ArrayList<>();
    try (KafkaConsumer<String, EventRejected> consumer =
        new KafkaConsumer<>(
            kafka.consumer(topic.name() + "-read"),
            topic.keySerde().deserializer(),
            topic.valueSerde().deserializer())) {
      consumer.subscribe(List.of(topic.name()));
      Await.until(
          () -> {
            int before = letters.size();
            consumer.poll(Duration.ofMillis(500)).forEach(each -> letters.add(each.value()));
            return letters.size() == before && before >= atLeast;
          },
          LIMIT,
          () -> letters.size() + " dead letters");
    }
    return letters;
  }

  /** A service that is not started yet. */
  static RunningFeatureStore service(String app, String redis, Path data) throws IOException {
    return service(app, redis, data, Map.of());
  }

  /** A service with settings of its own that is not started yet. */
  static RunningFeatureStore service(
      String app, String redis, Path data, Map<String, String> settings) throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("MILLRACE_KAFKA", Backends.kafka().bootstrapServers());
    environment.put("MILLRACE_REDIS", redis);
    environment.put("MILLRACE_CASSANDRA", Backends.cassandra().address());
    environment.put("MILLRACE_CASSANDRA_DATACENTER", Backends.cassandra().datacenter());
    environment.put("MILLRACE_DATA", data.toString());
    // The machine may be busy with other tests; deadlines are another test's subject.
    environment.put("MILLRACE_ONLINE_DEADLINE", "10s");
    // Of an instance that is killed: the shortest that a broker takes.
    environment.put("MILLRACE_SESSION_TIMEOUT", "6s");
    environment.putAll(settings);
    Path logs = Files.createDirectories(Path.of("target", "service-logs"));
    return new RunningFeatureStore(
        environment,
        logs.resolve(app + environment.getOrDefault("MILLRACE_INSTANCE", "") + ".log"));
  }

  @Override
  public void close() {
    applied.forEach(this::delete);
    producer.close();
    admin.close();
  }
}
