// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DatasetManifestTest {
  private static DatasetManifest manifest() {
    return new DatasetManifest(
        "ds-1",
        "shop",
        3,
        "abc",
        "0.1.0",
        10,
        20,
        2,
        Map.of("train", 1L, "eval", 1L),
        List.of(new DatasetManifest.ManifestColumn("label", ColumnType.NUMBER, 0, "00")),
        List.of(new DatasetManifest.ManifestFile("rows.parquet", 2, 100, "11")),
        new DatasetManifest.LabelBalance(
            1,
            Map.of("OBSERVED", 2L),
            0.5,
            List.of(
                new ClassStage(
                    ClassStage.COLLECTED, Map.of("0", 9L, "1", 1L), Map.of("0", 9.0, "1", 1.0)))),
        Map.of("evalShare", 0.2),
        "22");
  }

  @Test
  void fromJson_whatToJsonWrote_isTheSame() {
    assertThat(DatasetManifest.fromJson(manifest().toJson())).isEqualTo(manifest());
    assertThat(manifest().toJson()).isEqualTo(manifest().toJson());
  }

  @Test
  void fromJson_ofBeforeClassesWereCounted_hasNoStages() {
    String json = new String(manifest().toJson(), StandardCharsets.UTF_8);
    String old = json.replaceAll(",\"stages\":\\[.*?\\]", "");
    assertThat(old).isNotEqualTo(json);
    DatasetManifest read = DatasetManifest.fromJson(old.getBytes(StandardCharsets.UTF_8));
    assertThat(read.labels().stages()).isNull();
    assertThat(read.labels().positives()).isEqualTo(1);
  }

  @Test
  void fromJson_somethingElse_isRefused() {
    assertThatThrownBy(() -> DatasetManifest.fromJson("[1]".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(DatasetException.class);
  }
}
