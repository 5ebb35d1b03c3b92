// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.definition.ApplicationDefinition;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApplicationChangeTest {
  private static final String OLD =
      """
      apiVersion: millrace/v1
      kind: Application
      metadata: {name: shop}
      events:
        view:
          time: {field: at}
          schema: {properties: {at: {type: string}, user: {type: string}, price: {type: number}}}
          personal: {user: pseudonymise}
        click:
          time: {field: at}
          schema: {infer: true}
      entities:
        user: {key: user}
      """;

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'price: {type: number}'      | 'price: {type: integer}'       | events.view.schema.properties.price | type
          ', price: {type: number}'    | ''                             | events.view.schema.properties.price | removed
          'time: {field: at}'          | 'time: {field: at, zone: Asia/Tokyo}' | events.view.time          | event-time
          'user: {key: user}'          | 'user: {key: price}'           | entities.user.key                   | entity-key
          'personal: {user: pseudonymise}' | ''                         | events.view.personal.user           | personal
          '  click:'                   | '  tap:'                       | events.click                        | removed
          """)
  void breaking_change_namesPathAndRule(String right, String wrong, String path, String rule) {
    assertThat(
            ApplicationChange.breaking(
                read(OLD), read(OLD.replaceFirst(java.util.regex.Pattern.quote(right), wrong))))
        .extracting(DefinitionProblem::path, DefinitionProblem::rule)
        .contains(org.assertj.core.groups.Tuple.tuple(path, rule));
  }

  @Test
  void breaking_additions_none() {
    String more =
        OLD.replace(
                "price: {type: number}", "price: {type: number, minimum: 0}, note: {type: string}")
            .replace(
                "entities:", "  buy:\n    time: {field: at}\n    schema: {infer: true}\nentities:");

    assertThat(ApplicationChange.breaking(read(OLD), read(more))).isEmpty();
  }

  private static ApplicationDefinition read(String text) {
    // The old and the new definition are judged as they stand, whatever else is wrong with them.
    return switch (ApplicationParser.parse(text.getBytes(StandardCharsets.UTF_8))) {
      case ParsedApplication.Valid valid -> valid.definition();
      case ParsedApplication.Invalid invalid -> throw new AssertionError(invalid.problems());
    };
  }
}
