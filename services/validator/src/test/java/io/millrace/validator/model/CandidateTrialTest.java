// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.models.ModelPackage;
import io.millrace.validator.adapter.http.FeatureStoreRows;
import io.millrace.validator.adapter.http.TrainerPackages;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real packages and datasets over real HTTP. */
final class CandidateTrialTest {
  private static final ApplicationDefinition DEFINITION =
      Json.mapper()
          .readValue(
              """
              {"apiVersion": "millrace/v1", "kind": "Application", "metadata": {"name": "shop"},
               "events": {}, "entities": {}, "featureViews": {},
               "model": {"features": ["user.x"],
                         "heuristics": {"weak": "user.x > 2.0 ? 1.0 : 0.0"}},
               "gates": {"auc": {"atLeast": 0.6, "notWorseThanChampionBy": 0.0},
                         "slices": ["country"]}}
              """,
              ApplicationDefinition.class);

  @TempDir Path folder;
  private final OtherServices services = new OtherServices();
  private CandidateTrial trial;
  private Evaluation.@Nullable Check skew;
  private HeldOut.Written dataset;

  @BeforeEach
  void start() {
    dataset = HeldOut.learnable(folder, 1_000);
    services.dataset("shop", dataset);
    HttpClient client = HttpClient.newHttpClient();
    Duration timeout = Duration.ofSeconds(5);
    trial =
        new CandidateTrial(
            new TrainerPackages(client, services.url(), "key", folder.resolve("packages"), timeout),
            new FeatureStoreRows(
                client, services.url(), "key", folder.resolve("datasets"), timeout),
            (definition, dataset, rows) -> Optional.ofNullable(skew),
            InstantSource.fixed(Instant.ofEpochMilli(42)));
  }

  @AfterEach
  void stop() {
    services.close();
  }

  private Evaluation run(ModelVersionChanged candidate) {
    return trial.run(DEFINITION, candidate, null);
  }

  @Test
  void run_goodCandidate_isBlessedWithEveryFigure() {
    Evaluation evaluation = run(services.candidate("shop", "1", HeldOut.model(1)));
    assertThat(evaluation.blessed()).as("%s", evaluation.reasons()).isTrue();
    assertThat(evaluation.reasons()).anyMatch(each -> each.startsWith("PASSED infra: loads"));
    assertThat(evaluation.reasons()).anyMatch(each -> each.contains("there is no champion yet"));
    assertThat(evaluation.figures())
        .containsKeys("gate.auc", "gate.auc.low", "baseline.majority.auc", "baseline.weak.auc")
        .containsEntry("gate.rows", 1000.0);
    assertThat(evaluation.slices()).extracting(Evaluation.Slice::value).contains("de", "fr", "is");
    assertThat(run(services.candidate("shop", "1", HeldOut.model(1)))).isEqualTo(evaluation);
  }

  @Test
  void run_worseThanTheChampion_isRefused() {
    ModelVersionChanged champion = services.candidate("shop", "1", HeldOut.model(1));
    ModelVersionChanged candidate = services.candidate("shop", "2", HeldOut.model(-1));
    Evaluation evaluation = trial.run(DEFINITION, candidate, champion);
    assertThat(evaluation.blessed()).isFalse();
    assertThat(evaluation.champion()).isEqualTo("1");
    assertThat(evaluation.reasons().getFirst()).startsWith("FAILED");
    assertThat(evaluation.figures().get("champion.auc")).isGreaterThan(0.7);
    assertThat(evaluation.figures().get("gate.auc")).isLessThan(0.3);
  }

  @Test
  void run_trainedOnOtherValuesThanServed_isRefused() {
    ModelVersionChanged candidate = services.candidate("shop", "1", HeldOut.model(1));
    skew = new Evaluation.Check("skew", Evaluation.Outcome.INCONCLUSIVE, "too few");
    assertThat(run(candidate).blessed()).isTrue();
    skew = new Evaluation.Check("skew", Evaluation.Outcome.FAILED, "user.x differs in 37");
    assertThat(run(candidate).blessed()).isFalse();
    assertThat(run(candidate).reasons().getFirst()).isEqualTo("FAILED skew: user.x differs in 37");
  }

  @Test
  void run_truncatedPackage_isRefusedWithTheReason() {
    byte[] whole = HeldOut.model(1).toBytes();
    byte[] half = Arrays.copyOf(whole, whole.length / 2);
    services.answer("/v1/applications/shop/models/7/package", half);
    Evaluation evaluation =
        run(OtherServices.version("shop", "7", Status.CANDIDATE, ModelPackage.sha256(half), "d1"));
    assertThat(evaluation.blessed()).isFalse();
    assertThat(evaluation.reasons())
        .singleElement()
        .asString()
        .startsWith("FAILED infra: the package is not a whole zip file");
    Evaluation other =
        run(OtherServices.version("shop", "7", Status.CANDIDATE, ModelPackage.sha256(whole), "d1"));
    assertThat(other.reasons().getFirst()).contains("digest");
  }

  @Test
  void run_packageThatIsGone_isRefused() {
    Evaluation evaluation =
        run(OtherServices.version("shop", "9", Status.CANDIDATE, "a".repeat(64), "d1"));
    assertThat(evaluation.blessed()).isFalse();
    assertThat(evaluation.reasons().getFirst()).contains("404");
  }

  @Test
  void run_damagedDataset_isRefusedWithTheReason() {
    services.answer("/v1/applications/shop/datasets/d1/files/part-0.parquet", new byte[] {1, 2, 3});
    Evaluation evaluation = run(services.candidate("shop", "1", HeldOut.model(1)));
    assertThat(evaluation.blessed()).isFalse();
    assertThat(evaluation.reasons().getFirst()).startsWith("FAILED dataset").contains("digest");
  }

  @Test
  void run_servicesDown_throwsSoThatItComesAgain() {
    ModelVersionChanged candidate = services.candidate("shop", "1", HeldOut.model(1));
    services.down(true);
    assertThatThrownBy(() -> run(candidate))
        .isInstanceOf(CandidateTrial.UnavailableException.class)
        .hasMessageContaining("503");
    services.down(false);
    assertThat(run(candidate).blessed()).isTrue();
  }

  @Test
  void run_championThatCannotBeLoaded_doesNotBlockTheCandidate() {
    Evaluation evaluation =
        trial.run(
            DEFINITION,
            services.candidate("shop", "2", HeldOut.model(1)),
            OtherServices.version("shop", "1", Status.CHAMPION, "b".repeat(64), "d1"));
    assertThat(evaluation.blessed()).isTrue();
    assertThat(evaluation.champion()).isNull();
    assertThat(evaluation.reasons()).anyMatch(each -> each.contains("champion 1 cannot be scored"));
  }
}
