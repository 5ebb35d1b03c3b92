// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Bytes of known states, as they were when version 2 of the encoding was made: what is stored must
 * be readable for ever. {@code -Dgolden.write=true} writes them anew with a new version.
 */
final class GoldenStateTest {
  private static final Path FILE =
      Path.of("src", "test", "resources", "golden", "feature-states-2.txt");
  private static final long START = 1_700_000_000_000L;
  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of("v", FieldType.NUMBER, "s", FieldType.STRING, "flag", FieldType.BOOLEAN), false);
  private static final List<String> WINDOWS =
      List.of("1h", "30d", "lifetime", "20 events", "calendar day Europe/London", "session 30m");

  private static ViewPlan plan(String window) {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (Aggregate aggregate : Aggregate.values()) {
      if (aggregate != Aggregate.RATE) {
        String of =
            switch (aggregate.of()) {
              case OPTIONAL -> null;
              case NUMBER -> "v";
              case VALUE -> "s";
              case CONDITION -> "flag";
            };
        features.put(
            aggregate.canonicalName(),
            new FeatureDefinition(
                aggregate.canonicalName(),
                of,
                null,
                window,
                null,
                aggregate == Aggregate.QUANTILE ? 0.9 : null,
                aggregate.defaultN() > 0 ? Math.min(20, aggregate.maxN()) : null,
                aggregate.takesHalfLife() ? "1h" : null,
                null,
                "40d",
                null,
                null));
      }
    }
    features.put(
        "by",
        new FeatureDefinition(
            "mean", "v", "flag", window, "s", null, null, null, null, null, null, null));
    return ViewPlan.compile(
        "v", new FeatureViewDefinition("e", "k", null, features, null, null), SCHEMA);
  }

  private static ViewState state(ViewPlan plan) {
    SplittableRandom random = new SplittableRandom(17);
    ViewState state = plan.newState();
    for (int i = 0; i < 30; i++) {
      plan.update(
          state,
          Map.of(
              "v",
              random.nextInt(-1_000, 1_000) / 8.0,
              "s",
              "é" + random.nextInt(25),
              "flag",
              random.nextBoolean()),
          START + random.nextLong(5_000_000));
    }
    return state;
  }

  @Test
  void encode_knownStates_haveGoldenBytes() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String window : WINDOWS) {
      ViewPlan plan = plan(window);
      lines.add(window + "=" + HexFormat.of().formatHex(plan.encode(state(plan))));
    }
    if (Boolean.getBoolean("golden.write")) {
      Files.createDirectories(FILE.getParent());
      Files.write(FILE, lines);
    }
    assertThat(lines).isEqualTo(Files.readAllLines(FILE));
  }

  @Test
  void decode_goldenBytes_readsLikeTheState() throws IOException {
    Map<String, String> golden =
        Files.readAllLines(FILE).stream()
            .map(line -> line.split("="))
            .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    for (String window : WINDOWS) {
      ViewPlan plan = plan(window);
      Object[] expected = new Object[plan.size()];
      Object[] actual = new Object[plan.size()];
      plan.read(state(plan), START + 5_000_000, expected, 0);
      ViewState decoded = plan.decode(HexFormat.of().parseHex(golden.get(window)));
      plan.read(decoded, START + 5_000_000, actual, 0);
      assertThat(actual).as(window).isEqualTo(expected).doesNotContainSequence(null, null, null);
    }
  }
}
