// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.application.ApplicationParser;
import io.millrace.common.application.ParsedApplication;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.ModelVersionChanged.Transition;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.monitor.drift.DriftFinding;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The loop over topics in memory: what is told, what is owed after a kill, what only recorded. */
final class ApplicationMonitorTest {
  private static final int WINDOW = 800;
  private static final String APP = "offers";

  private static ApplicationDefinition definition(String detector) {
    byte[] yaml =
        """
        apiVersion: millrace/v1
        kind: Application
        metadata: {name: offers}
        events:
          offer:
            time: {field: at, format: epoch_ms}
            schema:
              properties: {at: {type: integer}, price: {type: number}, taken: {type: boolean}}
        entities:
          all: {constant: all}
        label: {name: taken, decidedAt: offer, value: "taken"}
        model: {task: binary, features: [event.price]}
        monitor:
          window: %d rows
          detector: %s
          retrain: {onDrift: true, minimumRows: 100}
        """
            .formatted(WINDOW, detector)
            .getBytes(StandardCharsets.UTF_8);
    return switch (ApplicationParser.parse(yaml)) {
      case ParsedApplication.Valid valid -> valid.definition();
      case ParsedApplication.Invalid invalid ->
          throw new AssertionError(invalid.problems().toString());
    };
  }

  private static final ApplicationDefinition DEFINITION = definition("anytime_valid");
  private static final ReferenceProfile REFERENCE = reference();

  private static ReferenceProfile reference() {
    SplittableRandom random = new SplittableRandom(1);
    double[] price = random.doubles(10_000).toArray();
    double[] score = random.doubles(10_000).toArray();
    ReferenceProfile written =
        new ReferenceProfile(
            Map.of("event.price", ReferenceProfile.numeric(price)),
            ReferenceProfile.numeric(score),
            0.5,
            0.5);
    return Json.mapper()
        .readValue(Json.mapper().writeValueAsBytes(written), ReferenceProfile.class);
  }

  static ModelVersionChanged champion() {
    return new ModelVersionChanged(
        APP,
        "v1",
        Status.CHAMPION,
        "run-1",
        "logistic",
        "d",
        1,
        "ab",
        null,
        Map.of(),
        List.of(
            new Transition(Status.CANDIDATE, 0, "trainer", List.of()),
            new Transition(Status.BLESSED, 1, "validator", List.of()),
            new Transition(Status.CHAMPION, 2, "monitor", List.of())));
  }

  /** One served row with its outcome. */
  private record Row(double price, double score, boolean positive, boolean labelled) {}

  private static List<Row> rows(int count, double shift, boolean upsideDown, boolean labelled) {
    SplittableRandom random = new SplittableRandom(9);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean positive = random.nextBoolean();
      double score = (positive != upsideDown ? 0.55 : 0.05) + 0.4 * random.nextDouble();
      rows.add(new Row(random.nextDouble() + shift, score, positive, labelled));
    }
    return rows;
  }

  private static ApplicationMonitor monitor(TopicsInMemory topics) {
    return monitor(topics, DEFINITION);
  }

  private static ApplicationMonitor monitor(
      TopicsInMemory topics, ApplicationDefinition definition) {
    return new ApplicationMonitor(
        definition,
        topics,
        (app, version) -> Optional.of(REFERENCE),
        () -> Instant.ofEpochMilli(1_000));
  }

  /** A start: first what was decided, then the traffic so far, then live. */
  private static ApplicationMonitor start(TopicsInMemory topics, List<Row> traffic) {
    ApplicationMonitor monitor = monitor(topics);
    monitor.version(champion());
    List.copyOf(topics.models).forEach(monitor::version);
    List.copyOf(topics.drifts).forEach(monitor::restoredDrift);
    List.copyOf(topics.alerts).forEach(monitor::restoredAlert);
    List.copyOf(topics.trainings).forEach(monitor::requested);
    monitor.verdict(GOOD_DATA);
    serve(monitor, traffic, 0);
    monitor.live();
    return monitor;
  }

  private static void serve(ApplicationMonitor monitor, List<Row> rows, int from) {
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      long at = (from + i) * 60_000L;
      String id = "p" + (from + i);
      monitor.predicted(
          new PredictionServed(
              APP,
              id,
              Map.of(),
              "v1",
              "champion",
              row.score(),
              Map.of("event.price", row.price()),
              Map.of(),
              at,
              at,
              1,
              "event",
              null));
      if (row.labelled()) {
        monitor.labelled(
            new OutcomeLabelled(
                APP,
                id,
                Map.of(),
                at,
                at,
                row.positive() ? 1 : 0,
                Provenance.OBSERVED,
                1,
                null,
                at,
                at));
      }
    }
  }

  private static List<Row> then(List<Row> first, List<Row> second) {
    List<Row> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private static final DataVerdict GOOD_DATA =
      new DataVerdict(
          APP,
          "offer",
          "all",
          0,
          Long.MAX_VALUE,
          1,
          DataVerdict.Status.GOOD,
          1,
          List.of(),
          Map.of(),
          0);

  private static final List<Row> HONEST = rows(2 * WINDOW, 0, false, true);

  @Test
  void looked_dataDriftWithoutLossOfQuality_isRecordedAndPagesNobody() {
    TopicsInMemory topics = new TopicsInMemory();
    ApplicationMonitor monitor = start(topics, HONEST);
    assertThat(topics.alerts).isEmpty();
    serve(monitor, rows(2 * WINDOW, 0.6, false, true), HONEST.size());
    assertThat(topics.drifts).extracting(DriftDetected::subject).containsExactly("event.price");
    assertThat(topics.open()).containsExactly("note data-drift/event.price");
    assertThat(topics.alerts.getFirst().action()).contains("recorded");
    assertThat(topics.trainings).isEmpty();
  }

  private static List<String> kindsTold(List<Row> then) {
    TopicsInMemory topics = new TopicsInMemory();
    ApplicationMonitor monitor = start(topics, HONEST);
    serve(monitor, then, HONEST.size());
    return topics.drifts.stream().map(each -> each.kind() + " " + each.subject()).toList();
  }

  @Test
  void looked_eachKindOfDrift_isNamedAsWhatItIs() {
    assertThat(kindsTold(rows(WINDOW, 0, false, true))).isEmpty();
    assertThat(kindsTold(rows(WINDOW, 0.6, false, true))).containsExactly("DATA event.price");
    assertThat(kindsTold(rows(WINDOW, 0, true, true))).containsExactly("CONCEPT outcome");
    assertThat(kindsTold(surer(rows(WINDOW, 0, false, true))))
        .containsExactly("PREDICTION prediction");
    // The scores foretell the labels, so that there are more of the high ones, too.
    assertThat(kindsTold(morePositive(rows(2 * WINDOW, 0, false, true))))
        .containsExactlyInAnyOrder("LABEL label", "PREDICTION prediction");
  }

  /** The same rows with scores nearer to 0 and 1, and as right as before. */
  private static List<Row> surer(List<Row> rows) {
    return rows.stream()
        .map(
            row ->
                new Row(
                    row.price(),
                    row.score() > 0.5 ? 0.9 + row.score() / 20 : row.score() / 10,
                    row.positive(),
                    true))
        .toList();
  }

  /** Those of the rows that leave 7 of 10 positive. */
  private static List<Row> morePositive(List<Row> rows) {
    List<Row> kept = new ArrayList<>();
    int negatives = 0;
    for (Row row : rows) {
      negatives += row.positive() ? 0 : 1;
      if (kept.size() < WINDOW && (row.positive() || negatives % 7 < 3)) {
        kept.add(row);
      }
    }
    return kept;
  }

  @Test
  void looked_detectorOfTheStream_isTheApplicationsAndFindsTheSameAfterARestart() {
    for (String detector : List.of("anytime_valid", "adwin", "off")) {
      List<Row> traffic = then(HONEST, rows(2 * WINDOW, 0, true, true));
      ApplicationMonitor first = monitor(new TopicsInMemory(), definition(detector));
      first.version(champion());
      first.live();
      serve(first, traffic, 0);
      ApplicationMonitor again = monitor(new TopicsInMemory(), definition(detector));
      again.version(champion());
      serve(again, traffic, 0);
      again.live();
      List<DriftFinding> course = first.drillDown("outcome").orElseThrow().course();
      assertThat(again.drillDown("outcome").orElseThrow().course()).isEqualTo(course);
      assertThat(course.stream().filter(each -> each.test().equals(detector)).toList())
          .hasSize(detector.equals("off") ? 0 : 1)
          .allMatch(DriftFinding::drifted);
    }
  }

  @Test
  void looked_unitChangesTooLateInAWindowToBeNamed_pagesOnceItIs() {
    TopicsInMemory topics = new TopicsInMemory();
    ApplicationMonitor monitor = start(topics, HONEST);
    List<Row> pence =
        rows(2 * WINDOW, 0, false, true).stream()
            .map(row -> new Row(100 * row.price(), row.score(), row.positive(), true))
            .toList();
    List<Row> pounds = rows(WINDOW * 7 / 10, 0, false, true);
    serve(monitor, pounds, HONEST.size());
    serve(monitor, pence.subList(0, WINDOW * 3 / 10), HONEST.size() + pounds.size());
    assertThat(topics.open()).containsExactly("note data-drift/event.price");
    serve(monitor, pence.subList(0, 2 * WINDOW), HONEST.size() + WINDOW);
    assertThat(topics.open()).containsExactly("page data-drift/event.price");
    assertThat(topics.drifts).hasSize(2);
    assertThat(topics.drifts.getLast().effect()).startsWith("×100, ");
  }

  @Test
  void looked_dataDriftWithoutOutcomes_isATicket() {
    TopicsInMemory topics = new TopicsInMemory();
    ApplicationMonitor monitor = start(topics, rows(2 * WINDOW, 0, false, false));
    serve(monitor, rows(WINDOW, 0.6, false, false), 2 * WINDOW);
    assertThat(topics.open()).containsExactly("ticket data-drift/event.price");
  }

  @Test
  void looked_conceptDrift_pagesAndAsksForTraining() {
    TopicsInMemory topics = new TopicsInMemory();
    ApplicationMonitor monitor = start(topics, HONEST);
    serve(monitor, rows(WINDOW, 0, true, true), HONEST.size());
    assertThat(topics.open()).contains("page concept-drift/outcome");
    assertThat(topics.trainings).hasSize(1);
  }

  @Test
  void looked_conceptDriftInDataThatNobodyJudged_asksForTrainingOnceItIsGood() {
    TopicsInMemory topics = new TopicsInMemory();
    ApplicationMonitor monitor = monitor(topics);
    monitor.version(champion());
    serve(monitor, HONEST, 0);
    monitor.live();
    serve(monitor, rows(WINDOW, 0, true, true), HONEST.size());
    assertThat(topics.open()).contains("page concept-drift/outcome");
    assertThat(topics.trainings).isEmpty();
    assertThat(monitor.view().retraining().labelsThatCount()).isZero();
    monitor.verdict(GOOD_DATA);
    assertThat(topics.trainings).hasSize(1);
  }

  @Test
  void live_killedBeforeAnythingWasPublished_tellsWhatItOwes() {
    List<Row> traffic = then(HONEST, rows(WINDOW, 0.6, false, true));
    for (int published = 0; published < 2; published++) {
      TopicsInMemory topics = new TopicsInMemory();
      ApplicationMonitor first = start(topics, HONEST);
      topics.left = published;
      try {
        serve(first, traffic.subList(HONEST.size(), traffic.size()), HONEST.size());
      } catch (TopicsInMemory.Killed killed) {
        assertThat(topics.drifts).hasSize(published);
      }
      assertThat(topics.alerts).isEmpty();
      topics.left = Integer.MAX_VALUE;
      start(topics, traffic);
      assertThat(topics.drifts).extracting(DriftDetected::subject).containsExactly("event.price");
      assertThat(topics.open()).containsExactly("note data-drift/event.price");
    }
  }

  @Test
  void live_everythingWasPublished_saysNothingAgain() {
    List<Row> traffic = then(HONEST, rows(WINDOW, 0.6, false, true));
    TopicsInMemory topics = new TopicsInMemory();
    ApplicationMonitor first = start(topics, HONEST);
    serve(first, traffic.subList(HONEST.size(), traffic.size()), HONEST.size());
    int drifts = topics.drifts.size();
    int alerts = topics.alerts.size();
    assertThat(drifts).isEqualTo(1);
    start(topics, traffic);
    assertThat(topics.drifts).hasSize(drifts);
    assertThat(topics.alerts).hasSize(alerts);
  }

  @Test
  void announce_brokerIsAway_waitsInOrderAndIsPublishedOnceItIsBack() {
    TopicsInMemory topics = new TopicsInMemory();
    ApplicationMonitor monitor = start(topics, HONEST);
    topics.away = true;
    serve(monitor, rows(WINDOW, 0.6, false, true), HONEST.size());
    assertThat(topics.drifts).isEmpty();
    assertThat(monitor.view().unpublished()).isEqualTo(2);
    topics.away = false;
    monitor.heartbeat();
    assertThat(topics.drifts).hasSize(1);
    assertThat(topics.open()).containsExactly("note data-drift/event.price");
    assertThat(monitor.view().unpublished()).isZero();
  }

  @Test
  void drillDown_driftedInput_showsOnsetCourseAndBins() {
    TopicsInMemory topics = new TopicsInMemory();
    ApplicationMonitor monitor = start(topics, HONEST);
    int change = HONEST.size() + 300;
    serve(monitor, rows(300, 0, false, true), HONEST.size());
    serve(monitor, rows(2 * WINDOW - 300, 0.6, false, true), change);
    DrillDown why = monitor.drillDown("event.price").orElseThrow();
    assertThat(why.course()).hasSize(4);
    assertThat(why.course().getFirst().drifted()).isFalse();
    DriftFinding.Onset onset = why.onset();
    assertThat(onset).isNotNull();
    assertThat(change * 60_000L).isBetween(onset.fromMs(), onset.toMs());
    assertThat(why.shares()).isNotNull();
    assertThat(why.told()).hasSize(1);
    assertThat(monitor.drillDown("event.nothing")).isEmpty();
    assertThat(Json.mapper().writeValueAsString(why)).contains("\"training\":[");
  }

  @Test
  void labels_correctedNegatives_giveThePrematureRateAndTheDelays() {
    ApplicationMonitor monitor = monitor(new TopicsInMemory());
    for (int i = 0; i < 100; i++) {
      Provenance how = i < 20 ? Provenance.OBSERVED : Provenance.IMPLICIT_NEGATIVE;
      monitor.labelled(label("p" + i, i < 20 ? 1 : 0, how, 1, 60));
    }
    for (int i = 20; i < 24; i++) {
      monitor.labelled(label("p" + i, 1, Provenance.CORRECTION, 2, 7_200));
    }
    var report = monitor.view().labels();
    assertThat(report.moments()).isEqualTo(100);
    assertThat(report.positives()).isEqualTo(24);
    assertThat(report.imbalance()).isEqualTo(76.0 / 24);
    assertThat(report.premature()).isEqualTo(4);
    assertThat(report.prematureNegativeRate()).isEqualTo(0.05);
    assertThat(report.delayP50S()).isEqualTo(60.0);
    assertThat(report.delayP95S()).isEqualTo(7_200.0);
  }

  private static OutcomeLabelled label(
      String id, double value, Provenance how, int revision, long delayS) {
    return new OutcomeLabelled(
        APP, id, Map.of(), 0, 0, value, how, revision, null, delayS * 1_000, delayS * 1_000);
  }
}
