// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topics;
import io.millrace.ingest.RunningIngest.Answer;
import io.millrace.ingest.RunningIngest.Books;
import io.millrace.ingest.adapter.kafka.KafkaEventLog;
import io.millrace.ingest.intake.EventLog;
import io.millrace.ingest.intake.IdHash;
import io.millrace.ingest.intake.IdLedger;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a process that was killed leaves behind, and what comes in by Kafka. */
@RequiresBackends(kafka = true, redis = true)
class RecoveryIT {
  private static final long DEAD_EPOCH = 4711;

  private static RunningIngest ingest;
  private String app;
  private String events;

  @BeforeAll
  static void start() {
    ingest = RunningIngest.start();
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @BeforeEach
  void apply() {
    app = Backends.uniqueName("recovery");
    events = "/v1/applications/" + app + "/events/order";
    assertThat(ingest.put("/v1/applications/" + app, IngestIT.shop(app)).status()).isEqualTo(201);
  }

  private static String order(int id) {
    return "{\"order_id\": %d, \"at\": 1767607200000, \"user\": \"u%d\"}\n".formatted(id, id % 7);
  }

  private Event event(int id) {
    Map<String, Object> data =
        Map.of("order_id", (long) id, "at", 1767607200000L, "user", "u" + id % 7);
    return new Event(
        app, "order", Integer.toString(id), "u" + id % 7, 1767607200000L, 1767607200000L, data);
  }

  private static IdHash hash(String event, String id) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(event.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    return new IdHash(Arrays.copyOf(digest.digest(id.getBytes(StandardCharsets.UTF_8)), 16));
  }

  @Test
  void post_afterAKillBetweenWritingAndSettling_writesEachEventOnce() throws Exception {
    // A process has claimed ten ids, written the first five, and is gone since a minute.
    IdLedger ledger = ingest.bean(IdLedger.class);
    long aMinuteAgo = System.currentTimeMillis() - 60_000;
    List<IdLedger.Ask> asks = new ArrayList<>();
    List<EventLog.Entry<Event>> written = new ArrayList<>();
    for (int id = 0; id < 10; id++) {
      asks.add(new IdLedger.Ask(hash("order", Integer.toString(id)), null));
      if (id < 5) {
        written.add(new EventLog.Entry<>(event(id), null));
      }
    }
    ledger.claim(app, new IdLedger.Claimant(DEAD_EPOCH, 1, aMinuteAgo), asks);
    try (KafkaEventLog log =
        new KafkaEventLog(
            new KafkaSettings(Backends.kafka().bootstrapServers()),
            OpenTelemetry.noop().getTracer("test"))) {
      log.write(app, "order", written, List.of());
    }
    StringBuilder all = new StringBuilder();
    for (int id = 0; id < 12; id++) {
      all.append(order(id));
    }

    Answer answer = ingest.post(events, "application/x-ndjson", all.toString());
    Answer again = ingest.post(events, "application/x-ndjson", all.toString());

    assertThat(answer.books()).isEqualTo(new Books(12, 12, 0, 0));
    assertThat(again.books()).isEqualTo(new Books(12, 0, 0, 12));
    assertThat(Log.values(new Topics(app).events("order")))
        .extracting(Event::id)
        .doesNotHaveDuplicates()
        .hasSize(12);
    assertThat(books()).isEqualTo(new Books(24, 12, 0, 12));
  }

  @Test
  void post_whileALiveProcessIsAtIt_isAskedToComeBackAndChangesNothing() throws Exception {
    IdLedger ledger = ingest.bean(IdLedger.class);
    ledger.claim(
        app,
        new IdLedger.Claimant(DEAD_EPOCH, 2, System.currentTimeMillis()),
        List.of(new IdLedger.Ask(hash("order", "1"), null)));

    Answer answer = ingest.post(events, "application/x-ndjson", order(1) + order(2));

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.response().headers().firstValue("Retry-After")).isPresent();
    assertThat(books()).isEqualTo(new Books(0, 0, 0, 0));
    assertThat(Log.records(new Topics(app).events("order").name())).isEmpty();
    assertThat(ingest.post(events, "application/x-ndjson", order(2)).books())
        .isEqualTo(new Books(1, 1, 0, 0));
  }

  @Test
  void settle_twice_countsOnce() throws Exception {
    IdLedger ledger = ingest.bean(IdLedger.class);
    IdLedger.Claimant mine = new IdLedger.Claimant(ledger.epoch(), 99, System.currentTimeMillis());
    IdHash id = hash("order", "5");
    ledger.claim(app, mine, List.of(new IdLedger.Ask(id, null)));

    for (int i = 0; i < 2; i++) {
      assertThat(
              ledger.settle(
                  app,
                  mine,
                  List.of(new IdLedger.Fate(id, null)),
                  Map.of("in", 1L, "accepted", 1L),
                  List.of(new IdLedger.Advance("order:0", -1, 7))))
          .isEqualTo(IdLedger.Settled.DONE);
    }
    IdLedger.Claimant late = new IdLedger.Claimant(ledger.epoch(), 100, System.currentTimeMillis());

    assertThat(
            ledger.settle(
                app,
                late,
                List.of(),
                Map.of("in", 1L),
                List.of(new IdLedger.Advance("order:0", -1, 9))))
        .isEqualTo(IdLedger.Settled.LOST);
    assertThat(ledger.entries(app)).isEqualTo(Map.of("in", 1L, "accepted", 1L));
    assertThat(ledger.offsets(app)).isEqualTo(Map.of("order:0", 7L));
  }

  @Test
  void raw_recordsOfEveryForm_areTakenInOnceAcrossARestart() {
    Topics topics = new Topics(app);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            new KafkaSettings(Backends.kafka().bootstrapServers()).producer(),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < 50; i++) {
        producer.send(raw(topics, order(i)));
      }
      producer.send(raw(topics, order(3)));
      producer.send(raw(topics, "{broken"));
      ProducerRecord<byte[], byte[]> structured =
          raw(
              topics,
              "{\"specversion\":\"1.0\",\"id\":\"x\",\"type\":\"o\",\"source\":\"/\",\"data\":"
                  + order(100).trim()
                  + "}");
      structured.headers().add("content-type", text("application/cloudevents+json"));
      producer.send(structured);
      ProducerRecord<byte[], byte[]> binary = raw(topics, order(101));
      Headers headers = binary.headers();
      headers.add("ce_specversion", text("1.0")).add("ce_id", text("y"));
      headers.add("traceparent", text("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
      producer.send(binary);
      producer.flush();
      Books expected = new Books(54, 52, 1, 1);
      Await.until(
          () -> books().equals(expected), Duration.ofSeconds(60), () -> "books: " + books());
      try (RunningIngest second = RunningIngest.start()) {
        producer.send(raw(topics, order(200)));
        producer.flush();
        Await.until(() -> books().in() == 55, Duration.ofSeconds(60), () -> "books: " + books());
      }
    }

    assertThat(books()).isEqualTo(new Books(55, 53, 1, 1));
    List<Event> log = Log.values(topics.events("order"));
    assertThat(log).extracting(Event::id).doesNotHaveDuplicates().hasSize(53);
    EventRejected letter = Log.values(topics.rejected()).getFirst();
    assertThat(letter.origin()).startsWith(topics.raw("order").name() + "/");
    assertThat(Log.records(topics.events("order").name()))
        .filteredOn(
            each ->
                new String(each.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8)
                    .equals("101"))
        .singleElement()
        .satisfies(
            each ->
                assertThat(
                        new String(
                            each.headers().lastHeader("traceparent").value(),
                            StandardCharsets.UTF_8))
                    .contains("0af7651916cd43dd8448eb211c80319c"));
  }

  @Test
  void applications_changeAndDeletion_followTheRules() {
    String address = "/v1/applications/" + app;
    String breaking = IngestIT.shop(app).replace("count: {type: integer}", "count: {type: string}");

    assertThat(ingest.put(address, IngestIT.shop(app)).body().path("changed").asBoolean())
        .isFalse();
    Answer refused = ingest.put(address, breaking);
    Answer wrong = ingest.put(address, breaking.replace("entities:", "entitys:"));
    Answer forced = ingest.put(address + "?newVersion=true", breaking);

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.body().path("violations").path(0).path("path").asString(""))
        .isEqualTo("events.view.schema.properties.count");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.body().path("violations").path(0).path("rule").asString(""))
        .isEqualTo("unknown-property");
    assertThat(forced.status()).isEqualTo(200);
    assertThat(forced.number("version")).isEqualTo(2);
    assertThat(ingest.get("/v1/schemas/application.json").status()).isEqualTo(200);
    assertThat(ingest.put("/v1/applications/other", IngestIT.shop(app)).status()).isEqualTo(400);

    assertThat(ingest.delete(address).status()).isEqualTo(204);
    assertThat(ingest.get(address).status()).isEqualTo(404);
    assertThat(ingest.post(events, "application/json", order(1)).status()).isEqualTo(404);
    Answer back = ingest.put(address, IngestIT.shop(app));
    assertThat(back.number("version")).isEqualTo(3);
    ApplicationApplied applied =
        io.millrace.common.serde.Json.mapper()
            .treeToValue(ingest.get(address).body(), ApplicationApplied.class);
    assertThat(applied.definition().name()).isEqualTo(app);
  }

  private static ProducerRecord<byte[], byte[]> raw(Topics topics, String value) {
    return new ProducerRecord<>(topics.raw("order").name(), text(value));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Books books() {
    return ingest.get("/v1/applications/" + app + "/books").books();
  }
}
