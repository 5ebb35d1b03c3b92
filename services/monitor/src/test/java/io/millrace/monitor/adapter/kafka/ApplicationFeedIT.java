// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.adapter.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.common.application.ApplicationParser;
import io.millrace.common.application.ParsedApplication;
import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.ModelVersionChanged.Transition;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.monitor.loop.ApplicationMonitor;
import io.millrace.monitor.loop.LoopView;
import io.millrace.monitor.performance.VersionPerformance;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import io.millrace.testkit.backend.TopicRecords;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresBackends(kafka = true)
class ApplicationFeedIT {
  private static final Duration LIMIT = Duration.ofSeconds(300);
  private static final long MINUTE = 60_000;
  private static final int WINDOW = 200;

  private final KafkaSettings settings = new KafkaSettings(Backends.kafka().bootstrapServers());
  private final KafkaProducer<byte[], byte[]> producer =
      new KafkaProducer<>(
          settings.producer(), new ByteArraySerializer(), new ByteArraySerializer());
  private final Publisher publisher = new Publisher(producer);
  private final SplittableRandom random = new SplittableRandom(3);
  private String app;
  private ApplicationDefinition definition;
  private Topics topics;
  private ApplicationMonitor monitor;
  private ApplicationFeed feed;
  private int rows;

  @BeforeEach
  void create() {
    app = Backends.uniqueName("monitor");
    topics = new Topics(app);
    definition = definition(app);
    try (Admin admin = Admin.create(settings.admin())) {
      TopicCreation.ensure(admin, topics.all(definition), LIMIT);
    }
    start();
  }

  @AfterEach
  void close() {
    feed.close();
    producer.close(Duration.ofSeconds(5));
  }

  private static ApplicationDefinition definition(String app) {
    byte[] yaml =
        """
        apiVersion: millrace/v1
        kind: Application
        metadata: {name: %s, description: Will this offer be taken?}
        events:
          offer:
            time: {field: at, format: epoch_ms}
            schema:
              properties: {at: {type: integer}, user: {type: string}, price: {type: number}}
          offer_taken:
            time: {field: at, format: epoch_ms}
            schema:
              properties: {at: {type: integer}, user: {type: string}}
        entities:
          customer: {key: user}
        label:
          name: taken
          decidedAt: offer
          positive: {event: offer_taken, sameEntity: customer, within: 1h}
        model:
          task: binary
          features: [event.price]
        monitor:
          window: %d rows
          retrain: {onDrift: true, onFirstData: true, minimumRows: %d}
        """
            .formatted(app, WINDOW, WINDOW)
            .getBytes(StandardCharsets.UTF_8);
    return switch (ApplicationParser.parse(yaml)) {
      case ParsedApplication.Valid valid -> valid.definition();
      case ParsedApplication.Invalid invalid ->
          throw new AssertionError(invalid.problems().toString());
    };
  }

  /** Starts a monitor that knows nothing but the topics, and waits until it is live. */
  private void start() {
    monitor =
        new ApplicationMonitor(
            definition,
            new TopicAnnouncements(publisher, app),
            (name, version) -> Optional.empty(),
            InstantSource.system());
    feed = new ApplicationFeed(app, settings, monitor, OpenTelemetry.noop().getTracer("test"));
    feed.start();
    Await.until(monitor::isLive, LIMIT, () -> "not live");
  }

  private void restart() {
    feed.close();
    start();
  }

  private <V> void write(Topic<String, V> topic, String key, V value) {
    publisher.publish(topic, key, value, Duration.ofSeconds(30));
  }

  /** Served rows with their outcomes; upside down, the score says the opposite of the truth. */
  private void outcomes(int count, String version, boolean upsideDown) {
    for (int i = 0; i < count; i++) {
      rows++;
      String id = "offer-" + rows;
      boolean positive = random.nextBoolean();
      double score = (positive != upsideDown ? 0.6 : 0.1) + 0.3 * random.nextDouble();
      publisher.send(
          topics.predictions(),
          "user",
          new PredictionServed(
              app,
              id,
              Map.of(),
              version,
              "champion",
              score,
              Map.of("event.price", 1.0),
              Map.of(),
              rows * MINUTE,
              rows,
              5,
              "event",
              null));
      publisher.send(
          topics.labels(),
          id,
          new OutcomeLabelled(
              app,
              id,
              Map.of(),
              rows * MINUTE,
              rows * MINUTE,
              positive ? 1 : 0,
              positive ? Provenance.OBSERVED : Provenance.IMPLICIT_NEGATIVE,
              1,
              null,
              rows * MINUTE,
              rows * MINUTE));
    }
    producer.flush();
    Await.until(
        () -> sum(monitor.view(), "labels.") == rows && sum(monitor.view(), "predictions.") == rows,
        LIMIT,
        () -> monitor.view().counts() + " of " + rows);
  }

  private static long sum(LoopView view, String prefix) {
    return view.counts().entrySet().stream()
        .filter(each -> each.getKey().startsWith(prefix))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private void blessed(String version, String runId) {
    long now = InstantSource.system().millis();
    write(
        topics.models(),
        version,
        new ModelVersionChanged(
            app,
            version,
            Status.BLESSED,
            runId,
            "logistic",
            "d",
            1,
            "ab",
            null,
            Map.of(),
            List.of(
                new Transition(Status.CANDIDATE, now - 1, "trainer", List.of()),
                new Transition(Status.BLESSED, now, "validator", List.of()))));
  }

  private <V> List<V> values(Topic<?, V> topic) {
    return TopicRecords.values(settings, topic);
  }

  private List<String> requests() {
    return values(topics.training()).stream().map(TrainingRequested::runId).toList();
  }

  private List<String> steps() {
    return values(topics.models()).stream()
        .map(each -> each.version() + " " + each.status())
        .toList();
  }

  private List<String> alerts() {
    return values(topics.alerts()).stream()
        .map(each -> each.alertId() + " " + each.status())
        .toList();
  }

  private void awaitSteps(String... steps) {
    Await.until(() -> steps().equals(List.of(steps)), LIMIT, () -> steps().toString());
  }

  /** What a person sees and what must not depend on when the monitor was started. */
  private Map<String, Object> seen() {
    LoopView view = monitor.view();
    Map<String, Object> seen = new TreeMap<>();
    seen.put("counts", view.counts());
    seen.put("champion", String.valueOf(view.champion()));
    seen.put("versions", view.versions());
    seen.put("drifts", view.drifts());
    seen.put("alerts", view.alerts());
    seen.put("waiting", view.waitingForOutcome());
    seen.put("retraining", view.retraining());
    seen.put(
        "performance",
        view.performance().stream().map(ApplicationFeedIT::figures).sorted().toList());
    return seen;
  }

  private static String figures(VersionPerformance.Summary summary) {
    return "%s: %d predictions, %d outcomes, %d fallbacks, %d corrections"
        .formatted(
            summary.version(),
            summary.predictions(),
            summary.outcomes(),
            summary.fallbacks(),
            summary.corrections());
  }

  @Test
  void run_wholeLoopWithRestarts_announcesEachThingOnceAndEndsWithEqualViews() {
    verdict("offer", 0, 100, DataVerdict.Status.GOOD);
    Await.until(() -> monitor.view().verdicts().size() == 1, LIMIT, () -> "no verdict yet");
    outcomes(WINDOW - 1, "0", false);
    assertThat(requests()).isEmpty();
    // Positives after the last negative may have company still to come: they do not count yet.
    outcomes(WINDOW / 8, "0", false);
    Await.until(() -> requests().equals(List.of(app + "-first")), LIMIT, () -> "" + requests());
    restart();

    blessed("1", app + "-first");
    awaitSteps("1 BLESSED", "1 CHAMPION");
    outcomes(2 * WINDOW, "1", false);
    assertThat(values(topics.drift())).isEmpty();
    restart();

    int before = rows;
    outcomes(WINDOW / 8, "1", true);
    restart();
    outcomes(2 * WINDOW, "1", true);
    Await.until(() -> requests().size() == 2, LIMIT, () -> "" + requests());
    List<DriftDetected> drifts =
        values(topics.drift()).stream()
            .filter(each -> each.kind() == DriftDetected.Kind.CONCEPT)
            .toList();
    assertThat(drifts).hasSize(1);
    assertThat(drifts.getFirst().windowStartMs())
        .as("dated to where the relation turned")
        .isBetween((before - 30) * MINUTE, (before + 30) * MINUTE);
    String retraining = requests().getLast();
    assertThat(retraining).isEqualTo(app + "-drift-" + drifts.getFirst().windowStartMs() + "-1");
    assertThat(alerts()).contains("concept-drift/outcome open");
    restart();
    assertThat(requests()).hasSize(2);

    blessed("2", retraining);
    awaitSteps("1 BLESSED", "1 CHAMPION", "2 BLESSED", "2 CHAMPION", "1 RETIRED");
    Await.until(
        () -> alerts().contains("concept-drift/outcome resolved"), LIMIT, () -> "" + alerts());
    outcomes(WINDOW, "2", false);
    Await.until(
        () -> monitor.view().versions().stream().anyMatch(each -> each.status() == Status.RETIRED),
        LIMIT,
        () -> "" + monitor.view().versions());

    Map<String, Object> lived = seen();
    List<String> announced = announced();
    restart();
    // A record of our own, so that whatever the new monitor had to say has been said.
    verdict("offer_taken", 1, DataVerdict.Status.GOOD);
    Await.until(() -> monitor.view().verdicts().size() == 2, LIMIT, () -> "the verdict is missing");
    monitor.heartbeat();
    assertThat(announced()).isEqualTo(announced);
    assertThat(seen()).isEqualTo(lived);
  }

  private List<String> announced() {
    List<String> all = new ArrayList<>();
    all.addAll(requests());
    all.addAll(steps());
    all.addAll(alerts());
    values(topics.drift()).forEach(each -> all.add(each.toString()));
    return all;
  }

  private void verdict(String event, int hour, DataVerdict.Status status) {
    verdict(event, hour, 1, status);
  }

  private void verdict(String event, int hour, int hours, DataVerdict.Status status) {
    long start = hour * 60 * MINUTE;
    write(
        topics.dataVerdicts(),
        event + "/" + hour,
        new DataVerdict(
            app,
            event,
            "hour-" + hour,
            start,
            start + hours * 60 * MINUTE,
            100,
            status,
            1,
            status == DataVerdict.Status.GOOD
                ? List.of()
                : List.of(
                    new DataVerdict.Anomaly(
                        "price", "UNIT_CHANGE", "ERROR", "×100", "×1", "price is 100 times up")),
            Map.of(),
            InstantSource.system().millis()));
  }

  @Test
  void run_badVerdict_alertsOnceAndResolvesWithALaterGoodOneOfTheSameEvent() {
    verdict("offer", 1, DataVerdict.Status.GOOD);
    verdict("offer", 3, DataVerdict.Status.BAD);
    verdict("offer", 4, DataVerdict.Status.BAD);
    verdict("offer_taken", 4, DataVerdict.Status.BAD);
    Await.until(() -> alerts().size() == 2, LIMIT, () -> "" + alerts());
    AlertRaised open = values(topics.alerts()).getFirst();
    assertThat(open.alertId()).isEqualTo("bad-data/offer");
    assertThat(open.cause()).contains("hour-3", "price is 100 times up");
    assertThat(open.severity()).isEqualTo("page");
    restart();

    verdict("offer", 2, DataVerdict.Status.GOOD);
    verdict("offer", 5, DataVerdict.Status.GOOD);
    Await.until(() -> alerts().size() == 3, LIMIT, () -> "" + alerts());
    assertThat(alerts())
        .containsExactly(
            "bad-data/offer open", "bad-data/offer_taken open", "bad-data/offer resolved");
    assertThat(values(topics.alerts()).getLast().action()).contains("hour-5");
  }

  private void skew(int hour, SkewJudged.Status status) {
    write(
        topics.skewVerdicts(),
        "offer/" + hour,
        new SkewJudged(
            app,
            "offer",
            "hour-" + hour,
            hour * 60 * MINUTE,
            (hour + 1) * 60 * MINUTE,
            "d",
            100,
            100,
            90,
            40,
            status,
            List.of("40 of 90 predictions were made of other values"),
            List.of(),
            List.of(),
            InstantSource.system().millis()));
  }

  @Test
  void run_skewedSpan_alertsOnceAndResolvesWithALaterSpanThatIsServedAsTrained() {
    skew(1, SkewJudged.Status.ALIKE);
    skew(2, SkewJudged.Status.SKEWED);
    skew(3, SkewJudged.Status.SKEWED);
    skew(4, SkewJudged.Status.INCONCLUSIVE);
    Await.until(() -> monitor.view().skews().size() == 4, LIMIT, () -> "" + monitor.view().skews());
    Await.until(
        () -> alerts().equals(List.of("training-serving-skew/offer open")),
        LIMIT,
        () -> "" + alerts());
    AlertRaised open = values(topics.alerts()).getFirst();
    assertThat(open.severity()).isEqualTo("page");
    assertThat(open.cause()).contains("hour-2", "40 of 90");
    restart();
    skew(5, SkewJudged.Status.ALIKE);
    Await.until(() -> alerts().size() == 2, LIMIT, () -> "" + alerts());
    assertThat(alerts().getLast()).isEqualTo("training-serving-skew/offer resolved");
  }

  @Test
  void run_badVerdictWhileTheMonitorWasDown_isToldWhenItComesBack() {
    feed.close();
    verdict("offer", 3, DataVerdict.Status.BAD);
    start();
    Await.until(() -> alerts().equals(List.of("bad-data/offer open")), LIMIT, () -> "" + alerts());
    restart();
    assertThat(alerts()).hasSize(1);
  }
}
