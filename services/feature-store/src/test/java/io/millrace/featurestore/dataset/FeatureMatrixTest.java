// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureMatrixTest {
  @TempDir private Path folder;

  @Test
  void set_listsAndMaps_areJsonAlsoAfterARestart() throws IOException {
    Path file = folder.resolve("features");
    try (FeatureMatrix matrix = FeatureMatrix.open(file, 2, 2)) {
      matrix.set(0, 0, List.of("warm, ready", "cold"));
      matrix.set(0, 1, "warm, ready");
      matrix.set(1, 0, Map.of("a=b", 2.0));
    }

    try (FeatureMatrix matrix = FeatureMatrix.open(file, 2, 2)) {
      assertThat(matrix.text(0, 0)).isEqualTo("[\"warm, ready\",\"cold\"]");
      assertThat(matrix.text(0, 1)).isEqualTo("warm, ready");
      assertThat(matrix.text(1, 0)).isEqualTo("{\"a=b\":2.0}");
      assertThat(matrix.text(1, 1)).isNull();
    }
  }
}
