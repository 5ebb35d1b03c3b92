// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.PredictionRequested;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.topic.Topics;
import io.millrace.inference.CountedServing;
import io.millrace.inference.Yarns;
import io.millrace.inference.adapter.http.HttpFeatureSource;
import io.millrace.inference.model.ModelDirectory;
import io.millrace.inference.serving.Predictor;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelPackage;
import io.millrace.models.engine.Device;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresBackends(kafka = true)
class EventPredictionsIT {
  private static final Duration LIMIT = Duration.ofSeconds(300);
  private static final Pseudonymiser PSEUDONYMISER = new Pseudonymiser("a key of tests, 16 bytes");
  private static final String INSTANCE = "one";
  private static ModelPackage plain;
  private static ModelPackage withSpend;

  private final Broker broker = new Broker();
  private final List<EventPredictions> loops = new ArrayList<>();
  private final List<ModelDirectory> directories = new ArrayList<>();
  private final Meter meter = new Meter();
  private String app;
  private ApplicationDefinition definition;
  private Topics topics;

  /** Dies at the n-th fallback where it is told to. */
  private static final class Meter extends CountedServing {
    private final AtomicInteger untilDeath = new AtomicInteger(Integer.MAX_VALUE);

    @Override
    public void fallback(String app, String reason, int predictions) {
      if (untilDeath.decrementAndGet() == 0) {
        throw new VirtualMachineDeath();
      }
    }
  }

  /** What nothing catches: the loop ends where it stands. */
  private static final class VirtualMachineDeath extends Error {
    private static final long serialVersionUID = 1L;
  }

  @BeforeAll
  static void train() {
    plain = Yarns.train("yarns", 1, false);
    withSpend = Yarns.train("yarns", 2, true);
  }

  @BeforeEach
  void create() {
    app = Backends.uniqueName("inference");
    definition = Yarns.definition(app);
    topics = new Topics(app);
    broker.create(definition);
  }

  @AfterEach
  void close() {
    loops.forEach(EventPredictions::close);
    directories.forEach(ModelDirectory::close);
    broker.close();
  }

  private ModelDirectory directory() {
    ModelDirectory directory =
        new ModelDirectory(
            version ->
                LoadedModel.of(version.version().equals("1") ? plain : withSpend, Device.CPU),
            Executors.newSingleThreadScheduledExecutor(),
            Duration.ofMillis(50));
    directories.add(directory);
    return directory;
  }

  private ModelVersionChanged champion(String version) {
    return Yarns.version(app, version, version.equals("1") ? plain : withSpend, 0, Status.CHAMPION);
  }

  private EventPredictions start(ModelDirectory models) {
    return start(models, (name, stopped) -> true);
  }

  private EventPredictions start(ModelDirectory models, EventPredictions.ModelsCatchUp catchUp) {
    EventPredictions loop =
        new EventPredictions(
            definition,
            broker.settings(),
            INSTANCE,
            models,
            catchUp,
            new Predictor(
                new HttpFeatureSource(HttpClient.newHttpClient(), refusing(), "key"),
                InstantSource.system(),
                meter),
            PSEUDONYMISER,
            meter,
            OpenTelemetry.noop().getTracer("test"),
            InstantSource.system(),
            Duration.ofSeconds(2));
    loops.add(loop);
    loop.start();
    return loop;
  }

  /** An address at which nobody listens. */
  private static URI refusing() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Event offer(int i) {
    return new Event(
        app,
        "offer",
        "offer-" + i,
        "user-" + i % 7,
        1_000_000L + i,
        1_000_000L + i,
        Map.of("user", "user-" + i % 7, "price", 1.0 + i % 20, "kind", "wool", "id", "offer-" + i));
  }

  private void offers(int from, int to) {
    for (int i = from; i < to; i++) {
      Event event = offer(i);
      broker.write(topics.events("offer"), event.key(), event);
    }
  }

  private List<PredictionServed> awaitPredictions(int count) {
    List<PredictionServed> last = new ArrayList<>();
    Await.until(
        () -> {
          last.clear();
          last.addAll(broker.values(topics.predictions()));
          return last.size() >= count;
        },
        LIMIT,
        () -> last.size() + " predictions of " + count);
    return last;
  }

  private static void assertOnceEach(List<PredictionServed> predictions, int from, int to) {
    Set<String> expected = new HashSet<>();
    for (int i = from; i < to; i++) {
      expected.add("offer-" + i);
    }
    assertThat(predictions)
        .extracting(PredictionServed::predictionId)
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void run_beforeTheFirstChampion_skipsThenAnswersEachEventOnce() {
    ModelDirectory models = directory();
    start(models);
    offers(0, 20);
    Await.until(() -> meter.skipped.get() == 20, LIMIT, () -> meter.skipped + " skipped");

    models.accept(champion("1"));
    offers(20, 60);

    List<PredictionServed> predictions = awaitPredictions(40);
    assertOnceEach(predictions, 20, 60);
    try (LoadedModel model = LoadedModel.of(plain, Device.CPU)) {
      assertThat(predictions)
          .allSatisfy(
              each -> {
                int i = Integer.parseInt(each.predictionId().substring("offer-".length()));
                assertThat(each.score())
                    .isEqualTo(
                        model.score(Map.of("event.price", 1.0 + i % 20, "event.kind", "wool")));
                assertThat(each.momentMs()).isEqualTo(1_000_000L + i);
                assertThat(each.entities())
                    .isEqualTo(Map.of("customer", "user-" + i % 7, "shop", "main"));
                assertThat(each.fallback()).isNull();
                assertThat(each.source()).isEqualTo("event");
              });
    }
    assertThat(meter.served).hasValue(40);
  }

  @Test
  void run_featureStoreRefusesConnections_answersAndMarks() {
    ModelDirectory models = directory();
    models.accept(champion("2"));
    offers(0, 10);
    start(models);
    List<PredictionServed> predictions = awaitPredictions(10);
    assertOnceEach(predictions, 0, 10);
    assertThat(predictions)
        .extracting(PredictionServed::fallback)
        .containsOnly("feature-store-unreachable");
  }

  @Test
  void run_restartWithAChampionOnTheTopic_losesNone() {
    ModelDirectory models = directory();
    offers(0, 30);
    CountDownLatch caughtUp = new CountDownLatch(1);
    start(models, (name, stopped) -> caughtUp.await(60, TimeUnit.SECONDS));
    // The champion stands on the topic, but this process has not read that far yet.
    models.accept(champion("1"));
    caughtUp.countDown();
    assertOnceEach(awaitPredictions(30), 0, 30);
    assertThat(meter.skipped).hasValue(0);
  }

  @Test
  void run_championSlowToLoad_waitsForItAndAnswersWhatCameMeanwhile() {
    CountDownLatch gate = new CountDownLatch(1);
    ModelDirectory models =
        new ModelDirectory(
            version -> {
              if (!gate.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the gate stayed shut");
              }
              return LoadedModel.of(plain, Device.CPU);
            },
            Executors.newSingleThreadScheduledExecutor(),
            Duration.ofMillis(50));
    directories.add(models);
    models.accept(champion("1"));
    offers(0, 20);
    start(models);
    // A second instance joins while the first one waits: partitions move under its hands.
    EventPredictions second =
        new EventPredictions(
            definition,
            broker.settings(),
            "two",
            models,
            (name, stopped) -> true,
            new Predictor(
                new HttpFeatureSource(HttpClient.newHttpClient(), refusing(), "key"),
                InstantSource.system(),
                meter),
            PSEUDONYMISER,
            meter,
            OpenTelemetry.noop().getTracer("test"),
            InstantSource.system(),
            Duration.ofSeconds(2));
    loops.add(second);
    second.start();
    Await.until(() -> members() == 2, LIMIT, () -> "not both hold partitions");
    offers(20, 40);
    gate.countDown();
    assertOnceEach(awaitPredictions(40), 0, 40);
  }

  /** Instances that hold partitions. */
  private int members() throws Exception {
    String group = app + "-inference";
    try (Admin admin = Admin.create(broker.settings().admin())) {
      return (int)
          admin
              .describeConsumerGroups(List.of(group))
              .describedGroups()
              .get(group)
              .get(30, TimeUnit.SECONDS)
              .members()
              .stream()
              .filter(each -> !each.assignment().topicPartitions().isEmpty())
              .count();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return 0;
      }
      throw e;
    }
  }

  @Test
  void run_diesBetweenProduceAndCommit_everyEventHasOneCommittedPrediction() {
    ModelDirectory models = directory();
    models.accept(champion("2"));
    offers(0, 200);
    meter.untilDeath.set(120);
    EventPredictions first = start(models);
    Await.until(() -> meter.untilDeath.get() <= 0, LIMIT, () -> "alive: " + meter.untilDeath);
    first.close();
    assertThat(broker.values(topics.predictions()).size()).isLessThan(200);

    start(models);
    offers(200, 300);
    assertOnceEach(awaitPredictions(300), 0, 300);
  }

  @Test
  void run_afterAKilledInstance_itsOpenTransactionIsSettledAndNothingIsTwice() {
    ModelDirectory models = directory();
    models.accept(champion("1"));
    offers(0, 50);
    // What kill -9 leaves: predictions flushed in a transaction that nobody will ever end.
    KafkaProducer<byte[], byte[]> killed = broker.transactional(app + "-inference-" + INSTANCE);
    killed.initTransactions();
    killed.beginTransaction();
    for (int i = 0; i < 30; i++) {
      killed.send(
          Broker.record(
              topics.predictions(),
              null,
              "user-" + i % 7,
              new PredictionServed(
                  app,
                  "offer-" + i,
                  Map.of(),
                  "1",
                  "champion",
                  0.5,
                  Map.of(),
                  Map.of(),
                  0,
                  0,
                  0,
                  "event",
                  null)));
    }
    killed.flush();

    start(models);
    List<PredictionServed> predictions = awaitPredictions(50);
    assertOnceEach(predictions, 0, 50);
    assertThat(predictions).noneMatch(each -> each.entities().isEmpty());
    killed.close(Duration.ZERO);
  }

  @Test
  void run_poisonRecord_isRejectedAndTheOthersAreAnswered() {
    ModelDirectory models = directory();
    models.accept(champion("1"));
    String topic = topics.events("offer").name();
    offers(0, 3);
    broker.write(
        new ProducerRecord<>(topic, 0, null, null, "no event".getBytes(StandardCharsets.UTF_8)));
    broker.write(new ProducerRecord<byte[], byte[]>(topic, 1, (Long) null, null, null));
    offers(3, 6);
    start(models);
    assertOnceEach(awaitPredictions(6), 0, 6);
    Map<String, EventRejected> rejected = new HashMap<>();
    Await.until(
        () -> {
          broker.values(topics.rejected()).forEach(each -> rejected.put(each.origin(), each));
          return rejected.size() == 2;
        },
        LIMIT,
        rejected::toString);
    assertThat(rejected.values())
        .allSatisfy(
            each -> {
              assertThat(each.reason()).isEqualTo("malformed");
              assertThat(each.origin()).startsWith(topic + "/");
              assertThat(each.payload()).as("an application with personal data").isNull();
            });
    assertThat(meter.rejected).hasValue(2);
  }

  @Test
  void run_asyncRequests_areAnsweredWithHashedKeysAndBadOnesRejected() {
    ModelDirectory models = directory();
    start(models);
    broker.write(topics.requests(), "u", request("early", Map.of("customer", "Ann")));
    Await.until(() -> meter.rejected.get() == 1, LIMIT, () -> meter.rejected + " rejected");

    models.accept(champion("1"));
    broker.write(topics.requests(), "u", request("good", Map.of("customer", "Ann")));
    broker.write(topics.requests(), "u", request("bad", Map.of("planet", "Mars")));
    PredictionServed answer = awaitPredictions(1).getFirst();
    assertThat(answer.predictionId()).isEqualTo("good");
    assertThat(answer.source()).isEqualTo("async");
    assertThat(answer.momentMs()).isEqualTo(77);
    assertThat(answer.entities())
        .isEqualTo(Map.of("customer", PSEUDONYMISER.pseudonym(app, "user", "Ann"), "shop", "main"));
    assertThat(answer.features()).containsEntry("event.kind", "wool");
    Await.until(() -> meter.rejected.get() == 2, LIMIT, () -> meter.rejected + " rejected");
    assertThat(broker.values(topics.rejected()))
        .extracting(EventRejected::reason)
        .containsExactly("no-champion", "malformed");
    assertThat(Objects.toString(broker.values(topics.predictions()))).doesNotContain("Ann");
  }

  private PredictionRequested request(String id, Map<String, Object> entities) {
    return new PredictionRequested(app, id, entities, Map.of("price", 3, "kind", "wool"), 77L);
  }
}
