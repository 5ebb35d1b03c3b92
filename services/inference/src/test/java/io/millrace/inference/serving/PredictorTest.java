// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.PredictionServed;
import io.millrace.inference.CountedServing;
import io.millrace.inference.Yarns;
import io.millrace.inference.model.ModelDirectory;
import io.millrace.inference.model.Route;
import io.millrace.inference.model.ServedVersion;
import io.millrace.inference.serving.FeatureSource.Answer;
import io.millrace.inference.serving.FeatureSource.Vector;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelPackage;
import io.millrace.models.engine.Device;
import io.millrace.testkit.await.Await;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PredictorTest {
  private static final String APP = "yarns";
  private static final Duration DEADLINE = Duration.ofMillis(150);
  private static ModelPackage plain;
  private static ModelPackage other;
  private static ModelPackage withSpend;

  private final List<ModelDirectory> directories = new ArrayList<>();
  private final List<List<String>> asked = new ArrayList<>();
  private Answer features = new Answer.Unavailable("feature-store-timeout");
  private final CountedServing meter = new CountedServing();
  private final Predictor predictor =
      new Predictor(
          (app, names, questions, deadline) -> {
            asked.add(names);
            return features;
          },
          InstantSource.fixed(Instant.ofEpochMilli(5_000)),
          meter);

  @BeforeAll
  static void train() {
    plain = Yarns.train(APP, 1, false);
    other = Yarns.train(APP, 2, false);
    withSpend = Yarns.train(APP, 3, true);
  }

  @AfterEach
  void close() {
    directories.forEach(ModelDirectory::close);
  }

  private Route route(ModelPackage champion, ModelPackage second, Status status, double share) {
    Map<String, ModelPackage> packages = Map.of("1", champion, "2", second);
    ModelDirectory directory =
        new ModelDirectory(
            version -> LoadedModel.of(packages.get(version.version()), Device.CPU),
            Executors.newSingleThreadScheduledExecutor(),
            DEADLINE);
    directories.add(directory);
    directory.accept(Yarns.version(APP, "1", champion, 0, Status.CHAMPION));
    directory.accept(
        Yarns.version(APP, "2", second, 10, status)
            .withMetrics(Map.of(ModelVersionChanged.ROLLOUT_SHARE, share)));
    int versions = status == Status.REFUSED ? 1 : 2;
    Await.until(
        () -> directory.route(APP).versions().size() == versions,
        Duration.ofSeconds(30),
        () -> directory.versions(APP).toString());
    return directory.route(APP);
  }

  private static List<Question> questions(int n) {
    return IntStream.range(0, n)
        .mapToObj(
            i ->
                new Question(
                    "q" + i,
                    Map.of("customer", "c" + i),
                    Map.of("price", 1.0 + i, "kind", i % 2 == 0 ? "wool" : "silk", "user", "u"),
                    1_000 + i,
                    4_900))
        .toList();
  }

  private static double score(ModelPackage source, Map<String, ?> values) {
    try (LoadedModel model = LoadedModel.of(source, Device.CPU)) {
      return model.score(values);
    }
  }

  @Test
  void predict_noFeatureNeeded_asksNobodyAndAnswersInOrder() {
    Route route = route(plain, other, Status.REFUSED, 0);
    List<PredictionServed> answers =
        predictor.predict(APP, route, questions(7), "event", DEADLINE).answers();
    assertThat(asked).isEmpty();
    for (int i = 0; i < 7; i++) {
      PredictionServed answer = answers.get(i);
      assertThat(answer.predictionId()).isEqualTo("q" + i);
      assertThat(answer.score())
          .isEqualTo(
              score(
                  plain,
                  Map.of("event.price", 1.0 + i, "event.kind", i % 2 == 0 ? "wool" : "silk")));
      assertThat(answer.features())
          .containsOnlyKeys("event.price", "event.kind")
          .containsEntry("event.price", 1.0 + i);
      assertThat(answer.fallback()).isNull();
      assertThat(answer.role()).isEqualTo("champion");
      assertThat(answer.momentMs()).isEqualTo(1_000 + i);
      assertThat(answer.latencyMs()).isEqualTo(100);
      assertThat(answer.source()).isEqualTo("event");
    }
    assertThat(answers.getFirst().score())
        .as("cheap wool sells better than dear silk")
        .isGreaterThan(
            predictor
                .predict(APP, route, List.of(dear()), "event", DEADLINE)
                .answers()
                .getFirst()
                .score());
  }

  @Test
  void predict_derivedInput_isComputedFromWhatItReads() {
    ModelPackage derived = Yarns.train(APP, 4, List.of("event.kind", Yarns.SHARE));
    Route route = route(derived, plain, Status.REFUSED, 0);
    features =
        new Answer.Vectors(
            List.of(
                new Vector(new Object[] {9.0}, Map.of()),
                new Vector(new Object[] {null}, Map.of()),
                new Vector(new Object[] {-1.0}, Map.of())));
    List<PredictionServed> answers =
        predictor.predict(APP, route, questions(3), "event", DEADLINE).answers();
    assertThat(asked).containsExactly(List.of(Yarns.SPEND));
    assertThat(answers.getFirst().features())
        .containsExactlyInAnyOrderEntriesOf(Map.of("event.kind", "wool", Yarns.SHARE, 0.1));
    assertThat(answers.getFirst().score())
        .isEqualTo(score(derived, Map.of("event.kind", "wool", Yarns.SHARE, 0.1)));
    assertThat(answers.get(1).features()).containsOnlyKeys("event.kind");
    assertThat(answers.getLast().features()).containsOnlyKeys("event.kind");
    assertThat(meter.undefined)
        .as("a division by zero, not the one that misses what it reads")
        .isEqualTo(Map.of("1 price_share", 1));
  }

  private static Question dear() {
    return new Question("d", Map.of(), Map.of("price", 20.0, "kind", "silk"), 0, 0);
  }

  @Test
  void predict_features_areReadOnceAndToldWithTheirStates() {
    Route route = route(withSpend, plain, Status.REFUSED, 0);
    features =
        new Answer.Vectors(
            List.of(
                new Vector(new Object[] {80.0}, Map.of("spend:c0", 3L)),
                new Vector(new Object[] {null}, Map.of())));
    List<PredictionServed> answers =
        predictor.predict(APP, route, questions(2), "request", DEADLINE).answers();
    assertThat(asked).containsExactly(List.of(Yarns.SPEND));
    assertThat(answers.get(0).features()).containsEntry(Yarns.SPEND, 80.0);
    assertThat(answers.get(0).states()).isEqualTo(Map.of("spend:c0", 3L));
    assertThat(answers.get(0).score())
        .isEqualTo(
            score(withSpend, Map.of("event.price", 1.0, "event.kind", "wool", Yarns.SPEND, 80.0)));
    assertThat(answers.get(1).features()).doesNotContainKey(Yarns.SPEND);
    assertThat(answers).extracting(PredictionServed::fallback).containsOnlyNulls();
  }

  @Test
  void predict_featureStoreAway_answersOnTheEventAloneAndMarksIt() {
    Route route = route(withSpend, plain, Status.REFUSED, 0);
    PredictionServed answer =
        predictor.predict(APP, route, questions(1), "event", DEADLINE).answers().getFirst();
    assertThat(answer.fallback()).isEqualTo("feature-store-timeout");
    assertThat(answer.states()).isEmpty();
    assertThat(answer.score())
        .isEqualTo(score(withSpend, Map.of("event.price", 1.0, "event.kind", "wool")));
  }

  @Test
  void predict_onlyTheShadowMissesFeatures_marksOnlyTheShadow() {
    Route route = route(plain, withSpend, Status.SHADOW, 0);
    Predictor.Answers answers = predictor.predict(APP, route, questions(2), "event", DEADLINE);
    assertThat(answers.answers()).extracting(PredictionServed::fallback).containsOnlyNulls();
    assertThat(answers.shadows())
        .extracting(PredictionServed::fallback)
        .containsOnly("feature-store-timeout");
  }

  @Test
  void predict_canary_answersItsShareAndTheSameOnesAgain() {
    Route route = route(plain, other, Status.CANARY, 0.3);
    List<Question> questions = questions(1_000);
    List<PredictionServed> answers =
        predictor.predict(APP, route, questions, "event", DEADLINE).answers();
    assertThat(answers).extracting(PredictionServed::predictionId).doesNotHaveDuplicates();
    assertThat(answers)
        .allSatisfy(
            each -> {
              boolean canary = route.goesToCanary(each.predictionId());
              assertThat(each.role()).isEqualTo(canary ? "canary" : "champion");
              assertThat(each.modelVersion()).isEqualTo(canary ? "2" : "1");
            });
    assertThat(answers.stream().filter(each -> each.role().equals("canary")).count())
        .isBetween(250L, 350L);
    List<PredictionServed> backwards =
        predictor.predict(APP, route, questions.reversed(), "event", DEADLINE).answers();
    assertThat(backwards.reversed()).isEqualTo(answers);
  }

  @Test
  void predict_shadow_scoresEverythingBesideTheAnswers() {
    Route route = route(plain, other, Status.SHADOW, 0);
    Predictor.Answers answers = predictor.predict(APP, route, questions(5), "event", DEADLINE);
    assertThat(answers.answers()).extracting(PredictionServed::modelVersion).containsOnly("1");
    assertThat(answers.shadows())
        .extracting(PredictionServed::predictionId)
        .containsExactly("q0", "q1", "q2", "q3", "q4");
    assertThat(answers.shadows())
        .allSatisfy(
            each -> {
              assertThat(each.modelVersion()).isEqualTo("2");
              assertThat(each.role()).isEqualTo("shadow");
            });
  }

  @Test
  void predict_shadowFails_answersAllTheSame() {
    Route route = route(plain, other, Status.SHADOW, 0);
    Route withGone = new Route(route.champion(), null, 0, gone());
    Predictor.Answers answers = predictor.predict(APP, withGone, questions(3), "event", DEADLINE);
    assertThat(answers.answers()).hasSize(3);
    assertThat(answers.shadows()).isEmpty();
  }

  /** Versions that have been unloaded. */
  private List<ServedVersion> gone() {
    Route route = route(plain, other, Status.SHADOW, 0);
    directories.removeLast().close();
    return route.shadows();
  }

  @Test
  void predict_noChampion_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                predictor.predict(
                    APP, new Route(null, null, 0, List.of()), questions(1), "event", DEADLINE));
  }
}
