// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.common.contract.PredictionServed;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.inference.Yarns;
import io.millrace.inference.serving.ServedPredictions.Page;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresBackends(kafka = true)
class PredictionLogIT {
  private static final Duration NOW = Duration.ZERO;

  private final Broker broker = new Broker();
  private final PredictionLog log = new PredictionLog(broker.settings());
  private String app;
  private Topic<String, PredictionServed> topic;

  @BeforeEach
  void create() {
    app = Backends.uniqueName("log");
    broker.create(Yarns.definition(app));
    topic = new Topics(app).predictions();
  }

  @AfterEach
  void close() {
    log.close();
    broker.close();
  }

  private PredictionServed prediction(int i) {
    return new PredictionServed(
        app, "p" + i, Map.of(), "1", "champion", 0.5, Map.of(), Map.of(), i, i, 1, "event", null);
  }

  /** Spread over the partitions, in transactions of five of which every third is aborted. */
  private List<String> write(int count) {
    List<String> committed = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = broker.transactional(app + "-writer")) {
      producer.initTransactions();
      for (int from = 0; from < count; from += 5) {
        boolean aborted = from / 5 % 3 == 2;
        producer.beginTransaction();
        for (int i = from; i < from + 5; i++) {
          producer.send(Broker.record(topic, i % Topics.PARTITIONS, "k", prediction(i)));
          if (!aborted) {
            committed.add("p" + i);
          }
        }
        if (aborted) {
          producer.flush();
          producer.abortTransaction();
        } else {
          producer.commitTransaction();
        }
      }
    }
    return committed;
  }

  private static List<String> ids(Page page) {
    return page.predictions().stream().map(PredictionServed::predictionId).toList();
  }

  @Test
  void read_pagesOfEverySize_giveEachCommittedPredictionOnce() {
    List<String> committed = write(60);
    for (int limit : new int[] {1, 7, 40, 100}) {
      List<String> read = new ArrayList<>();
      String cursor = null;
      Page page;
      do {
        page = log.read(app, cursor, limit, NOW);
        assertThat(page.predictions()).hasSizeLessThanOrEqualTo(limit);
        read.addAll(ids(page));
        cursor = page.cursor();
      } while (!page.predictions().isEmpty());
      assertThat(read).containsExactlyInAnyOrderElementsOf(committed);
      assertThat(log.read(app, cursor, limit, NOW).cursor()).isEqualTo(cursor);
    }
  }

  @Test
  void read_afterTheEnd_givesWhatComesNextOnly() {
    write(10);
    String cursor = log.read(app, null, 100, NOW).cursor();
    broker.write(topic, "k", prediction(99));
    assertThat(ids(log.read(app, cursor, 100, Duration.ofSeconds(10)))).containsExactly("p99");
  }

  @Test
  void read_waiting_returnsAsSoonAsSomethingComes() throws Exception {
    String cursor = log.read(app, null, 100, NOW).cursor();
    CompletableFuture<Page> page =
        CompletableFuture.supplyAsync(
            () -> log.read(app, cursor, 100, Duration.ofSeconds(60)), Thread::startVirtualThread);
    broker.write(topic, "k", prediction(1));
    assertThat(ids(page.get(30, TimeUnit.SECONDS))).containsExactly("p1");
  }

  @Test
  void read_openTransaction_isNotShownUntilItIsCommitted() {
    try (KafkaProducer<byte[], byte[]> producer = broker.transactional(app + "-open")) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(Broker.record(topic, 0, "k", prediction(1)));
      producer.flush();
      Page before = log.read(app, null, 100, NOW);
      assertThat(before.predictions()).isEmpty();
      producer.commitTransaction();
      assertThat(ids(log.read(app, before.cursor(), 100, Duration.ofSeconds(10))))
          .containsExactly("p1");
    }
  }

  @Test
  void read_manyAtATime_eachGetsEverything() throws Exception {
    List<String> committed = write(30);
    List<CompletableFuture<Page>> pages = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      pages.add(
          CompletableFuture.supplyAsync(
              () -> log.read(app, null, 1_000, NOW), Thread::startVirtualThread));
    }
    for (CompletableFuture<Page> page : pages) {
      assertThat(ids(page.get(60, TimeUnit.SECONDS)))
          .containsExactlyInAnyOrderElementsOf(committed);
    }
  }

  @Test
  void read_cursorZero_beginsAtTheBeginning() {
    write(10);
    assertThat(log.read(app, "0", 100, NOW)).isEqualTo(log.read(app, null, 100, NOW));
    assertThat(log.read(app, "0", 100, NOW).predictions()).hasSize(10);
  }

  @Test
  void read_cursorThatIsNone_isRefused() {
    write(10);
    for (String cursor :
        List.of("", "!", "abc", cursor("0"), cursor("0:-1"), cursor("9:0"), cursor("0:1000000"))) {
      assertThatIllegalArgumentException()
          .as(cursor)
          .isThrownBy(() -> log.read(app, cursor, 10, NOW))
          .withMessageContaining("is not a cursor");
    }
  }

  private static String cursor(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}
