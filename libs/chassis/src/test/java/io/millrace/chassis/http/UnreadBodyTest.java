// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.common.serde.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnreadBodyTest {
  record Ask(
      @Nullable List<Map<String, @Nullable Object>> rows,
      @Nullable List<String> names,
      @Nullable Long fromMs,
      @Nullable Double share,
      @Nullable Boolean all,
      @Nullable Ask inner) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"rows\": {\"a\": 1}}|rows|type|is not a list",
        "{\"rows\": [{}, 7]}|rows[1]|type|is not an object",
        "{\"names\": \"a\"}|names|type|is not a list",
        "{\"names\": [\"a\", {}]}|names[1]|type|is not a text",
        "{\"inner\": {\"fromMs\": \"x\"}}|inner.fromMs|type|is not a whole number",
        "{\"share\": []}|share|type|is not a number",
        "{\"all\": \"perhaps\"}|all|type|is not true or false",
        "[]|''|type|is not an object",
        "{\"names\": [|line 1, column 12|malformed|not JSON: Unexpected end-of-input",
      })
  void violation_ofABody_saysWhereAndWhatWithoutOurTypes(
      String body, String path, String rule, String message) {
    Throwable cause = catchThrowable(() -> Json.mapper().readValue(body, Ask.class));

    Violation violation = UnreadBody.violation(cause);

    assertThat(violation).isNotNull();
    assertThat(violation.path()).isEqualTo(path);
    assertThat(violation.rule()).isEqualTo(rule);
    assertThat(violation.message()).startsWith(message).doesNotContain("java.");
  }
}
