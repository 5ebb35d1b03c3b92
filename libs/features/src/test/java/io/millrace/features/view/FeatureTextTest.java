// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FeatureTextTest {
  @Test
  void of_textOrNumber_isItself() {
    assertThat(FeatureText.of("say \"hi\", [x]")).isEqualTo("say \"hi\", [x]");
    assertThat(FeatureText.of(5L)).isEqualTo("5");
    assertThat(FeatureText.of(true)).isEqualTo("true");
  }

  @Test
  void of_list_isJsonThatTellsItsTextsApart() {
    assertThat(FeatureText.of(List.of("warm, ready", "cold")))
        .isEqualTo("[\"warm, ready\",\"cold\"]");
    assertThat(FeatureText.of(List.of("warm", "ready, cold")))
        .isEqualTo("[\"warm\",\"ready, cold\"]");
    assertThat(FeatureText.of(List.of("a\"b\\c\nd\u0001ü🙂")))
        .isEqualTo("[\"a\\\"b\\\\c\\u000ad\\u0001ü🙂\"]");
    assertThat(FeatureText.of(List.of())).isEqualTo("[]");
  }

  @Test
  void of_map_isJsonInItsOrder() {
    Map<String, Double> map = new LinkedHashMap<>();
    map.put("b=1, c", 2.0);
    map.put("a", 1e20);
    assertThat(FeatureText.of(map)).isEqualTo("{\"b=1, c\":2.0,\"a\":1.0E20}");
  }

  @Test
  void of_numbersOfAnyType_areOneText() {
    assertThat(FeatureText.of(List.of(5, 7L, 0.5))).isEqualTo("[5.0,7.0,0.5]");
  }
}
