// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.serde;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class FeatureVectorsTest {
  private final FeatureVectors vectors =
      new FeatureVectors("shop", "spend", "0123456789ab", List.of("a", "b\"c", "d"));

  @Test
  void write_numbers_isTheDocumentedText() {
    byte[] bytes = vectors.write(17, new double[] {3, -0.5, Double.NaN});

    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"view\":\"spend\",\"generation\":\"0123456789ab\",\"version\":17,"
                + "\"features\":{\"a\":3,\"b\\\"c\":-0.5,\"d\":null}}");
  }

  @Test
  void write_anyNumbers_readBackBitForBit() {
    Random random = new Random(1);
    for (int i = 0; i < 5_000; i++) {
      double[] values = {
        Double.longBitsToDouble(random.nextLong()),
        random.nextLong() >> random.nextInt(64),
        i == 0 ? -0.0 : random.nextDouble() * 100
      };
      JsonNode read = Json.mapper().readTree(vectors.write(i, values)).get("features");
      int at = 0;
      for (JsonNode value : read) {
        double wrote = values[at++];
        if (Double.isFinite(wrote)) {
          assertThat(Double.doubleToRawLongBits(value.asDouble()))
              .isEqualTo(Double.doubleToRawLongBits(wrote));
        } else {
          assertThat(value.isNull()).isTrue();
        }
      }
    }
  }

  @Test
  void write_valuesOfAnyKind_areJson() {
    byte[] bytes = vectors.write(1, new Object[] {"x\"y", List.of(1.5, 2.0), null});

    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .endsWith("\"features\":{\"a\":\"x\\\"y\",\"b\\\"c\":[1.5,2.0],\"d\":null}}");
    assertThat(
            new String(
                vectors.write(2, new Object[] {1.0, Map.of("k", 1.0), "z"}),
                StandardCharsets.UTF_8))
        .contains("{\"k\":1.0}");
  }

  @Test
  void write_valuesThatAreNotKnown_areNamed() {
    byte[] numbers = vectors.write(1, new double[] {Double.NaN, Double.NaN, 2}, 1);
    byte[] others = vectors.write(1, new Object[] {null, null, "z"}, 0, 1);

    assertThat(new String(numbers, StandardCharsets.UTF_8))
        .endsWith("\"features\":{\"a\":null,\"b\\\"c\":null,\"d\":2},\"incomplete\":[\"b\\\"c\"]}");
    assertThat(Json.mapper().readTree(others).get("incomplete"))
        .extracting(JsonNode::asString)
        .containsExactly("a", "b\"c");
  }

  @Test
  void headers_ofAnEvent_keepItsIdAndTime() {
    RecordHeaders event = new RecordHeaders();
    event.add("ce_id", "e1".getBytes(StandardCharsets.UTF_8));
    event.add("ce_type", "shop.order".getBytes(StandardCharsets.UTF_8));

    var headers = vectors.headers(event);

    assertThat(new String(headers.lastHeader("ce_id").value(), StandardCharsets.UTF_8))
        .isEqualTo("e1");
    assertThat(new String(headers.lastHeader("ce_type").value(), StandardCharsets.UTF_8))
        .isEqualTo("shop.features.spend");
    assertThat(headers.lastHeader("ce_time")).isNull();
  }
}
