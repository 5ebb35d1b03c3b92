// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.view.Oracle.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The published vectors are current, and the engine answers them. */
final class ConformanceTest {
  /** Writes the files anew, when the suite itself is meant to change. */
  private static final boolean WRITE = Boolean.getBoolean("conformance.write");

  private static final Path FOLDER = Path.of("..", "..", "docs", "conformance");
  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of("v", FieldType.NUMBER, "s", FieldType.STRING, "flag", FieldType.BOOLEAN), false);

  /** By name, because fields are found so. */
  static final List<String> WINDOWS = ConformanceVectors.WINDOWS;

  @ParameterizedTest
  @FieldSource("WINDOWS")
  void file_ofEachWindow_isCurrent(String written) throws IOException {
    Path file = FOLDER.resolve(written.replaceAll("[^A-Za-z0-9]+", "-").toLowerCase() + ".json");
    String json = ConformanceVectors.json(written);
    if (WRITE) {
      Files.createDirectories(FOLDER);
      Files.writeString(file, json);
    }
    assertThat(Files.readString(file)).isEqualTo(json);
    assertThat(json.length()).isLessThan(120_000);
  }

  @ParameterizedTest
  @FieldSource("WINDOWS")
  void engine_everyVector_givesTheExpectedValues(String written) {
    for (ConformanceVectors.Stream stream : ConformanceVectors.streams(written)) {
      check(written, stream);
    }
  }

  @Test
  void check_wrongExpectation_isNoticed() {
    ConformanceVectors.Stream stream = ConformanceVectors.streams("1h").getFirst();
    ConformanceVectors.Read read = stream.reads().getLast();
    Map<String, @Nullable Object> wrong = new HashMap<>(read.values());
    wrong.put("count", 1e6);
    ConformanceVectors.Stream broken =
        new ConformanceVectors.Stream(
            "broken",
            stream.events(),
            List.of(new ConformanceVectors.Read(read.after(), read.asOfMs(), wrong)));
    assertThatThrownBy(() -> check("1h", broken)).isInstanceOf(AssertionError.class);
  }

  private static void check(String written, ConformanceVectors.Stream stream) {
    ViewPlan plan =
        ViewPlan.compile(
            "v",
            new FeatureViewDefinition(
                "e", "k", null, ConformanceVectors.features(written), null, null),
            SCHEMA);
    ViewState state = plan.newState();
    int applied = 0;
    for (ConformanceVectors.Read read : stream.reads()) {
      for (; applied < read.after(); applied++) {
        Seen event = stream.events().get(applied);
        Map<String, Object> fields = new HashMap<>();
        fields.put("v", event.value());
        fields.put("s", event.text());
        fields.put("flag", event.flag());
        plan.update(state, fields, event.timeMs());
      }
      Object[] row = new Object[plan.size()];
      plan.read(state, read.asOfMs(), row, 0);
      for (int i = 0; i < row.length; i++) {
        String name = plan.featureNames().get(i);
        assertThat(isSame(row[i], read.values().get(name)))
            .as(
                "%s over %s, %s: %s, not %s",
                name, written, stream, row[i], read.values().get(name))
            .isTrue();
      }
    }
  }

  /** As the suite's description says: numbers within 10⁻⁹ relative and absolute. */
  private static boolean isSame(@Nullable Object actual, @Nullable Object expected) {
    if (actual instanceof Double a && expected instanceof Double e) {
      return Math.abs(a - e) <= 1e-9 * (1 + Math.abs(e));
    }
    if (actual instanceof Map<?, ?> a && expected instanceof Map<?, ?> e) {
      return a.keySet().equals(e.keySet())
          && a.keySet().stream().allMatch(key -> isSame(a.get(key), e.get(key)));
    }
    return actual == null ? expected == null : actual.equals(expected);
  }
}
