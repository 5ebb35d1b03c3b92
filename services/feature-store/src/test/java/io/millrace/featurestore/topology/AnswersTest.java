// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.serde.Json;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The answer to an event that comes late. */
class AnswersTest {
  private static final String APP = "shop";
  private static final long MINUTE = 60_000;

  /** {@code last} of a text makes a view whose values are not all numbers. */
  @ParameterizedTest
  @ValueSource(strings = {"price", "item"})
  void write_eventBehindWhatAWindowKeeps_namesTheFeaturesThatAreNotKnown(String last) {
    FeatureViewDefinition view =
        new FeatureViewDefinition(
            "impression",
            "user",
            null,
            Map.of(
                "n_1m", FeatureDefinition.of("count", null, "1m"),
                "n_1h", FeatureDefinition.of("count", null, "1h"),
                "last", FeatureDefinition.of("last", last, null)),
            null,
            null,
            null,
            true);
    Generation generation = Generation.of(Definitions.only(APP, Map.of("seen", view)));
    FeatureGroup group = Objects.requireNonNull(generation.find("seen")).group();
    Answers answers = new Answers(generation, group);
    GroupState state = group.newState();
    List<JsonNode> written = new ArrayList<>();
    for (long behind : new long[] {0, MINUTE / 10, 9 * MINUTE}) {
      Event event = Definitions.impression(APP, "i", "u", "a", Definitions.T0 - behind, 2);
      group.apply(state, event.data(), event.eventTimeMs());
      answers.write(
          state,
          event.eventTimeMs(),
          new RecordHeaders(),
          (name, answer, headers) -> written.add(Json.mapper().readTree(answer)));
    }

    assertThat(written.get(0).get("features").get("n_1m").asInt()).isEqualTo(1);
    assertThat(written.get(1).get("features").get("n_1m").asInt()).isEqualTo(1);
    assertThat(written.get(0).has("incomplete")).isFalse();
    assertThat(written.get(1).has("incomplete")).isFalse();
    JsonNode late = written.get(2);
    assertThat(late.get("incomplete")).extracting(JsonNode::asString).containsExactly("n_1m");
    assertThat(late.get("features").get("n_1m").isNull()).isTrue();
    assertThat(late.get("features").get("n_1h").asInt()).isEqualTo(1);
    assertThat(late.get("features").get("last").isNull()).isFalse();
  }
}
