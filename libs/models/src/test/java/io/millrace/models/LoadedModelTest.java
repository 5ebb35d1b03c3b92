// SPDX-License-Identifier: Apache-2.0
package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.common.serde.Json;
import io.millrace.models.engine.Device;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadedModelTest {
  @TempDir Path folder;

  @Test
  void load_package_scoresItsExample() {
    Path file = folder.resolve("model.zip");
    Packages.valid().write(file);
    try (LoadedModel model = LoadedModel.load(file)) {
      assertThat(model.verifyInputExample()).isZero();
      // mean 2, deviation √(2/3): (2.5 - 2) / √(2/3) + 0.5 ("de" has coefficient 0.25)
      assertThat(model.score(Map.of("spend.sum_7d", 2.5, "event.country", "de")))
          .isCloseTo(1 / (1 + Math.exp(-0.75 - 0.5 / Math.sqrt(2 / 3.0))), within());
      // missing number: the median 2, and the flag with coefficient -2; unseen category: 0.125
      assertThat(model.score(Map.of("event.country", "unseen")))
          .isCloseTo(1 / (1 + Math.exp(1.375)), within());
      // a text that is no number is missing where a number is due
      assertThat(model.score(Map.of("spend.sum_7d", "much", "event.country", "unseen")))
          .isCloseTo(1 / (1 + Math.exp(1.375)), within());
      assertThat(model.score(Packages.rows())).hasSize(4);
      assertThat(model.score(List.of())).isEmpty();
      assertThat(model.metadata().inputNames()).containsExactly("spend.sum_7d", "event.country");
    }
  }

  @Test
  void score_wrongWidth_isRefused() {
    try (LoadedModel model = LoadedModel.of(Packages.valid(), Device.CPU)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.score(List.<Object[]>of(new Object[] {1.0})))
          .withMessage("a row of 1 values for 2 columns");
    }
  }

  @Test
  void verifyInputExample_otherScores_isRefused() {
    InputExample wrong = InputExample.of(Packages.rows(), new double[] {0.1, 0.2, 0.3, 0.4});
    ModelPackage source = changed("input_example.json", Json.canonical().writeValueAsBytes(wrong));
    try (LoadedModel model = LoadedModel.of(source, Device.CPU)) {
      assertThatExceptionOfType(InvalidPackageException.class)
          .isThrownBy(model::verifyInputExample)
          .withMessageContaining("row 0 of its example scores");
    }
  }

  @Test
  void load_partsThatDoNotFit_isRefused() {
    refused(
        changed("weights.linear.json", "{\"link\": \"LOGISTIC\"}".getBytes(StandardCharsets.UTF_8)),
        "'weights.linear.json'");
    refused(
        changed("preprocessing.json", "{\"columns\": []}".getBytes(StandardCharsets.UTF_8)),
        "fitted for other inputs");
    refused(
        changed(
            "input_example.json",
            "{\"rows\": [], \"scores\": []}".getBytes(StandardCharsets.UTF_8)),
        "has no rows");
    refused(
        changed(
            "input_example.json",
            "{\"rows\": [[1]], \"scores\": [1]}".getBytes(StandardCharsets.UTF_8)),
        "cannot score its own example");
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-6);
  }

  private static ModelPackage changed(String name, byte[] bytes) {
    ModelPackage valid = Packages.valid();
    Map<String, byte[]> files = new TreeMap<>();
    valid.metadata().files().keySet().forEach(each -> files.put(each, valid.required(each)));
    files.put(name, bytes);
    return ModelPackage.of(valid.metadata(), files);
  }

  private static void refused(ModelPackage source, String message) {
    assertThatExceptionOfType(InvalidPackageException.class)
        .isThrownBy(() -> LoadedModel.of(source, Device.CPU).close())
        .withMessageContaining(message);
  }
}
