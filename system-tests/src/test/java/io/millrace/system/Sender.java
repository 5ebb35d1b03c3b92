// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.common.topic.Topics;
import io.millrace.system.Kiosk.Message;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A producer as the documentation asks for: a batch that was not answered with 202 is sent again,
 * all of it, until it is. Not thread-safe.
 */
final class Sender implements AutoCloseable {
  /** A trace that nobody records: the load is not what the traces are about. */
  private static final String UNRECORDED = "00-%032x-%016x-00";

  private final RunningStack stack;
  private final String app;
  private final Topics topics;
  private final Producer<byte[], byte[]> producer;
  private long batches;
  private long sentAgain;

  Sender(RunningStack stack, String app) {
    this.stack = stack;
    this.app = app;
    this.topics = new Topics(app);
    Map<String, Object> patient = stack.kafka().producer();
    patient.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, RunningStack.LIMIT.toMillis());
    patient.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) RunningStack.LIMIT.toMillis());
    this.producer =
        new KafkaProducer<>(patient, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Rows of requests whose fate the sender never learned: they may have been taken in. */
  long sentAgain() {
    return sentAgain;
  }

  /** Sends a batch and returns once all of it is taken. */
  void send(List<Message> batch) {
    Map<String, List<Message>> overHttp = new LinkedHashMap<>();
    List<Future<RecordMetadata>> overKafka = new ArrayList<>();
    for (Message each : batch) {
      if (each.overKafka()) {
        overKafka.add(producer.send(raw(each)));
      } else {
        overHttp.computeIfAbsent(each.event(), event -> new ArrayList<>()).add(each);
      }
    }
    overHttp.forEach(this::post);
    try {
      for (Future<RecordMetadata> each : overKafka) {
        each.get(RunningStack.LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("kafka did not take a raw event", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while sending", e);
    }
  }

  private ProducerRecord<byte[], byte[]> raw(Message message) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topics.raw(message.event()).name(), message.json().getBytes(StandardCharsets.UTF_8));
    record.headers().add("traceparent", unrecorded().getBytes(StandardCharsets.US_ASCII));
    return record;
  }

  private String unrecorded() {
    batches++;
    return UNRECORDED.formatted(batches, batches);
  }

  private void post(String event, List<Message> rows) {
    StringBuilder body = new StringBuilder();
    rows.forEach(each -> body.append(each.json()).append('\n'));
    String path = "/v1/applications/" + app + "/events/" + event;
    String[] last = {"nothing"};
    stack.until(
        Service.INGEST,
        () -> {
          HttpResponse<String> answer = post(path, body.toString());
          if (answer != null && answer.statusCode() == 202) {
            return true;
          }
          sentAgain += rows.size();
          last[0] = answer == null ? "nothing" : answer.statusCode() + " " + answer.body();
          if (answer != null && answer.statusCode() != 503 && answer.statusCode() != 429) {
            throw new AssertionError(
                "ingest refused good rows with " + last[0] + stack.tail(Service.INGEST));
          }
          return false;
        },
        () -> "a batch of " + event + " was not taken; the last answer was " + last[0]);
  }

  private @Nullable HttpResponse<String> post(String path, String body) {
    HttpRequest request =
        stack
            .client()
            .request(Service.INGEST, path, Duration.ofSeconds(30))
            .header("Content-Type", "application/x-ndjson")
            .header("traceparent", unrecorded())
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return stack.client().send(Service.INGEST, request, HttpResponse.BodyHandlers.ofString());
    } catch (ApiException e) {
      // Nobody listens, or the connection broke with the process.
      return null;
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(10));
  }
}
