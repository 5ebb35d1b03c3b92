// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Definitions of which one entity may need too much are refused, and say what to change. */
class StateSizeCheckTest {
  private static final String SHOP =
      """
      apiVersion: millrace/v1
      kind: Application
      metadata: {name: a}
      events:
        e:
          time: {field: t}
          schema: {properties: {t: {type: string}, k: {type: string}, s: {type: string}, v: {type: number}}}
      entities: {k: {key: k}, s: {key: s}}
      featureViews:
      """;

  private static List<DefinitionProblem> problems(String... views) {
    return ApplicationParserTest.problems(SHOP + "  " + String.join("\n  ", views) + "\n");
  }

  private static String view(String name, String entity, String features) {
    return "%s: {source: e, entity: %s, features: {%s}}".formatted(name, entity, features);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aggregate: count_distinct, of: s, n: 100000, window: calendar day Europe/London",
        "aggregate: count_distinct, of: s, n: 100000, window: 30d",
        "aggregate: last_n, of: s, n: 1000",
        "aggregate: entropy, of: s, window: 30d",
        "aggregate: histogram, of: s, window: 365d",
        "aggregate: most_frequent, of: s, window: 30d",
        "aggregate: median, of: v, window: 30d",
        "aggregate: mean, of: v, by: s, window: 30d"
      })
  void parse_featureOfOneState_isAccepted(String feature) {
    assertThat(problems(view("v", "k", "f: {" + feature + "}"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aggregate: streak, of: v > 1.0, by: s, window: 30d",
        "aggregate: last_n, of: s, n: 1000, window: 30d",
        "aggregate: entropy, of: s, n: 10000, window: 7d",
        "aggregate: count_distinct, of: s, by: s, n: 100000",
        "aggregate: median, of: v, by: s, n: 1000, window: 30d"
      })
  void parse_featureThatMayNeedTooMuch_isRefusedWithItsSize(String feature) {
    assertThat(problems(view("v", "k", "n: {aggregate: count}, f: {" + feature + "}")))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.path()).isEqualTo("featureViews.v.features.f");
              assertThat(problem.rule()).isEqualTo("state-size");
              assertThat(problem.message()).contains("MiB", "smaller n");
            });
  }

  @Test
  void parse_viewsOfOneState_countTogether() {
    String ten =
        "f: {aggregate: count_distinct, of: s, n: 100000, window: 30d},"
            + " g: {aggregate: entropy, of: s, window: 30d}";

    assertThat(problems(view("v", "k", ten), view("w", "s", ten)))
        .as("each entity has a state of its own")
        .isEmpty();
    assertThat(problems(view("v", "k", ten), view("w", "k", ten)))
        .extracting(DefinitionProblem::path)
        .containsExactly("featureViews.v.features.g");
  }
}
