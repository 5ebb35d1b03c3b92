// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelPackage;
import io.millrace.models.engine.Device;
import io.millrace.trainer.adapter.djl.MlpLearner;
import io.millrace.trainer.adapter.file.FilePackageStore;
import io.millrace.trainer.adapter.file.FileRunStore;
import io.millrace.trainer.adapter.xgboost.XgboostLearner;
import io.millrace.trainer.learning.Evaluation;
import io.millrace.trainer.learning.LogisticLearner;
import io.millrace.trainer.learning.ModelTraining;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingRunTest {
  @TempDir Path folder;

  private final VerdictBook verdicts = new VerdictBook();
  private final Registry registry = new Registry();
  private final Meter meter = new Meter();
  private SampleDataset data = SampleDataset.standard();
  private Map<String, Object> definitionChanges = Map.of();

  @BeforeEach
  void goodSpan() {
    verdicts.accept(verdict("view", Status.GOOD, 0, SampleDataset.END_MS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"xgboost", "logistic", "mlp"})
  void execute_goodData_publishesACandidateThatScoresItsExample(String algorithm) throws Exception {
    RunRecord run = execute(request("r1", Map.of("algorithm", algorithm, "trials", "2")));

    assertThat(run.reasons()).isEmpty();
    assertThat(run.state()).isEqualTo(RunState.PACKAGED);
    assertThat(run.version()).isEqualTo("1");
    assertThat(run.steps())
        .extracting(RunRecord.Step::state)
        .containsExactly(
            RunState.WAITING_FOR_VERDICTS, RunState.BUILDING_DATASET, RunState.TRAINING);
    assertThat(run.steps()).allMatch(step -> step.endedAtMs() != null);
    assertThat(run.trials()).hasSize(2).allMatch(trial -> !trial.history().isEmpty());
    assertThat(run.evaluations()).containsOnlyKeys("model", "majority", "heuristic.often");
    Evaluation.Area model = area(run, "model");
    assertThat(model.value()).isBetween(model.low(), model.high()).isGreaterThan(0.75);
    assertThat(area(run, "majority").value()).isEqualTo(0.5);
    assertThat(area(run, "heuristic.often").value()).isBetween(0.6, model.value());
    assertThat(new FileRunStore(folder.resolve("runs")).find("shop", "r1")).contains(run);

    ModelVersionChanged published = registry.versions.get("1");
    assertThat(published.status()).isEqualTo(ModelVersionChanged.Status.CANDIDATE);
    assertThat(published.runId()).isEqualTo("r1");
    assertThat(published.metrics())
        .containsKeys("eval.auc", "eval.auc_low", "eval.log_loss", "eval.average_precision_low")
        .containsKeys("eval.auc_by_user_low", "eval.auc_by_user_high");
    assertThat(published.packageUrl()).endsWith("/v1/applications/shop/models/1/package");
    Path file = folder.resolve("packages/shop/1.zip");
    assertThat(published.packageSha256()).isEqualTo(ModelPackage.sha256(file));
    try (LoadedModel loaded = LoadedModel.load(file)) {
      assertThat(loaded.verifyInputExample()).isZero();
      assertThat(loaded.metadata().inputNames())
          .containsExactly("user.views_7d", "event.price", "event.country");
      assertThat(loaded.metadata().viewHashes()).containsOnlyKeys("user");
      assertThat(loaded.referenceProfile().inputs()).hasSize(3);
      assertThat(loaded.referenceProfile().score().rows()).isEqualTo(run.dataset().evalRows());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"xgboost", "logistic", "mlp"})
  void execute_sameInputsAndSeed_givesSamePackage(String algorithm) throws Exception {
    RunRecord first = execute(request("r1", Map.of("algorithm", algorithm)));
    RunRecord second = execute(request("r2", Map.of("algorithm", algorithm)));
    assertThat(second.version()).isEqualTo("2");
    assertThat(second.packageSha256()).isNotNull().isEqualTo(first.packageSha256());
    RunRecord otherSeed = execute(request("r3", Map.of("algorithm", algorithm, "seed", "5")));
    assertThat(otherSeed.packageSha256()).isNotEqualTo(first.packageSha256());
  }

  @Test
  void execute_otherEvaluationRows_changeNothingThatIsFitted() throws Exception {
    execute(request("r1", Map.of()));
    data = SampleDataset.standard().withEvalSeed(99);
    execute(request("r2", Map.of()));
    ModelPackage first = ModelPackage.read(folder.resolve("packages/shop/1.zip"));
    ModelPackage second = ModelPackage.read(folder.resolve("packages/shop/2.zip"));
    for (String file : List.of(first.metadata().weights(), ModelPackage.PREPROCESSING)) {
      assertThat(second.file(file)).isEqualTo(first.file(file));
    }
    assertThat(second.metadata().parameters()).isEqualTo(first.metadata().parameters());
    assertThat(second.metadata().metrics()).isNotEqualTo(first.metadata().metrics());
  }

  @Test
  void execute_sameRunAgain_givesNoSecondVersion() throws Exception {
    RunRecord first = execute(request("r1", Map.of()));
    assertThat(execute(request("r1", Map.of()))).isEqualTo(first);
    assertThat(registry.published).hasSize(1);
  }

  @Test
  void execute_killedAfterPublishing_completesTheRecordOnly() throws Exception {
    RunRecord first = execute(request("r1", Map.of()));
    // The process died between publishing and keeping the record.
    new FileRunStore(folder.resolve("runs")).save(RunRecord.queued(request("r1", Map.of())));
    RunRecord again = execute(request("r1", Map.of()));
    assertThat(again.state()).isEqualTo(RunState.PACKAGED);
    assertThat(again.version()).isEqualTo(first.version());
    assertThat(again.packageSha256()).isEqualTo(first.packageSha256());
    assertThat(registry.published).hasSize(1);
  }

  @Test
  void execute_interrupted_leavesTheRunToTheNextDelivery() throws Exception {
    verdicts.forget("shop");
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> execute(request("r1", Map.of()), Duration.ofMinutes(1)));
    assertThat(registry.published).isEmpty();
    goodSpan();
    assertThat(execute(request("r1", Map.of())).state()).isEqualTo(RunState.PACKAGED);
  }

  @Test
  void execute_noGoodSpan_isRefusedAndSaysWhich() throws Exception {
    verdicts.accept(verdict("view", Status.BAD, 0, SampleDataset.END_MS));
    refused(
        execute(request("r1", Map.of())),
        "no span of 'view' may be trained on: 0 are good, bad are [view/s0]");
  }

  @Test
  void execute_tooFewRows_isRefused() throws Exception {
    data = SampleDataset.standard().withRows(999);
    refused(
        execute(request("r1", Map.of())),
        "999 labelled rows in good spans, at least 1000 are needed");
  }

  @Test
  void execute_oneClass_isRefused() throws Exception {
    data = SampleDataset.standard().withOneClass();
    RunRecord run = execute(request("r1", Map.of()));
    refused(run, "the fitted part of the training rows have only the label 0.0");
    assertThat(run.reasons()).hasSize(3);
  }

  @Test
  void execute_wrongOptions_isRefusedNamingAll() throws Exception {
    RunRecord run =
        execute(request("r1", Map.of("algorithm", "forest", "trails", "3", "seed", "x")));
    assertThat(run.state()).isEqualTo(RunState.REFUSED);
    assertThat(run.reasons())
        .containsExactly(
            "option 'algorithm' must be one of [logistic, mlp, xgboost], was 'forest'",
            "option 'seed' must be an integer, was 'x'",
            "option 'trails' is no option; there are [algorithm, seed, trials], was '3'");
  }

  @Test
  void execute_unknownParameterInTheDefinition_isRefused() throws Exception {
    definitionChanges = Map.of("max_dept", 3);
    refused(
        execute(request("r1", Map.of())),
        "xgboost: unknown parameter 'max_dept'; there are alpha, colsample_bytree");
  }

  @Test
  void execute_sourceDoesNotAnswer_failsAndTellsTheTopic() throws Exception {
    data = data.unavailable();
    RunRecord run = execute(request("r1", Map.of()));
    assertThat(run.state()).isEqualTo(RunState.FAILED);
    assertThat(run.reasons()).containsExactly("failed: the feature store does not answer");
    assertThat(registry.versions.get("run-r1").status())
        .isEqualTo(ModelVersionChanged.Status.REFUSED);
    assertThat(meter.ended).containsExactly(RunState.FAILED);
  }

  private void refused(RunRecord run, String reason) {
    assertThat(run.state()).isEqualTo(RunState.REFUSED);
    assertThat(run.reasons().getFirst()).startsWith(reason);
    assertThat(run.version()).isNull();
    ModelVersionChanged published = registry.versions.get("run-" + run.runId());
    assertThat(published.status()).isEqualTo(ModelVersionChanged.Status.REFUSED);
    assertThat(published.transitions().getLast().reasons()).isEqualTo(run.reasons());
    assertThat(meter.ended).containsExactly(RunState.REFUSED);
  }

  private RunRecord execute(TrainingRequested request) throws InterruptedException {
    return execute(request, Duration.ZERO);
  }

  private RunRecord execute(TrainingRequested request, Duration verdictLimit)
      throws InterruptedException {
    InstantSource clock = InstantSource.system();
    VerdictWait.NewestMoments newest =
        new VerdictWait.NewestMoments() {
          @Override
          public OptionalLong label(String app) {
            return OptionalLong.of(SampleDataset.END_MS);
          }

          @Override
          public OptionalLong event(String app, String event) {
            return OptionalLong.of(SampleDataset.END_MS);
          }
        };
    return new TrainingRun(
            new TrainingRun.Surroundings(
                app ->
                    Optional.of(
                        new ApplicationApplied(
                            "shop", 3, "h", 0, SampleDataset.definition(definitionChanges))),
                new VerdictWait(verdicts, newest, clock, verdictLimit, Duration.ZERO),
                data.in(folder.resolve("dataset" + request.runId())),
                Map.of(
                    "xgboost", new XgboostLearner(1),
                    "logistic", new LogisticLearner(),
                    "mlp", new MlpLearner(Device.CPU)),
                new ModelTraining(clock, 10_000_000),
                registry,
                new FilePackageStore(
                    folder.resolve("packages"), URI.create("http://127.0.0.1:8084")),
                new FileRunStore(folder.resolve("runs")),
                meter,
                clock,
                "test"))
        .execute(request);
  }

  private static Evaluation.Area area(RunRecord run, String name) {
    Evaluation.Area area = run.evaluations().get(name).auc();
    assertThat(area).isNotNull();
    return area;
  }

  private static TrainingRequested request(String runId, Map<String, String> options) {
    return new TrainingRequested("shop", runId, "user", "test", null, null, options, 5);
  }

  private static DataVerdict verdict(String event, Status status, long start, long end) {
    return new DataVerdict(
        "shop", event, "s" + start, start, end, 10, status, 1, List.of(), Map.of(), 0);
  }

  private static final class Registry implements ModelRegistry {
    final Map<String, ModelVersionChanged> versions = new HashMap<>();
    final List<ModelVersionChanged> published = new ArrayList<>();

    @Override
    public List<ModelVersionChanged> current(String app) {
      return List.copyOf(versions.values());
    }

    @Override
    public void publish(ModelVersionChanged change) {
      versions.put(change.version(), change);
      published.add(change);
    }
  }

  private static final class Meter implements RunMeter {
    final List<RunState> ended = new ArrayList<>();

    @Override
    public void requested() {}

    @Override
    public void rejected() {}

    @Override
    public void ended(RunState state, long durationMs) {
      ended.add(state);
    }

    @Override
    public void step(RunState state, long durationMs) {}
  }
}
