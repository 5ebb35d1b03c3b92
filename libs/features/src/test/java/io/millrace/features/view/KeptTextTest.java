// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Long texts in states: bounded, and still told apart. */
final class KeptTextTest {
  private static final long START = 1_700_000_000_000L;

  /** Characters of one to four bytes. */
  private static final List<String> CHARACTERS = List.of("a", "é", "€", "😀");

  private static String random(SplittableRandom random, int characters) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < characters; i++) {
      text.append(CHARACTERS.get(random.nextInt(CHARACTERS.size())));
    }
    return text.toString();
  }

  @Test
  void value_anyText_isBoundedWholeAndEqualForEqualOnly() {
    SplittableRandom random = new SplittableRandom(1);
    Set<String> texts = new HashSet<>();
    Set<String> kept = new HashSet<>();
    for (int i = 0; i < 5_000; i++) {
      String text = random(random, random.nextInt(900));
      String value = KeptText.value(text);
      texts.add(text);
      kept.add(value);
      byte[] utf8 = value.getBytes(UTF_8);
      assertThat(utf8.length).isLessThanOrEqualTo(KeptText.VALUE_BYTES);
      assertThat(new String(utf8, UTF_8)).as("no character is cut").isEqualTo(value);
      assertThat(KeptText.value(new String(text))).isEqualTo(value);
      assertThat(KeptText.value(value)).isEqualTo(value);
      if (text.getBytes(UTF_8).length <= KeptText.VALUE_BYTES) {
        assertThat(value).isSameAs(text);
      } else {
        assertThat(utf8.length).isGreaterThan(KeptText.VALUE_BYTES - 4);
        assertThat(text).startsWith(value.substring(0, value.length() - 17));
      }
    }
    assertThat(kept).hasSameSizeAs(texts);
  }

  @Test
  void category_aroundTheBound_isKeptAsLongAsItFits() {
    assertThat(KeptText.category("a".repeat(128))).isEqualTo("a".repeat(128));
    assertThat(KeptText.category("€".repeat(42) + "aa")).isEqualTo("€".repeat(42) + "aa");
    assertThat(KeptText.category("a".repeat(129))).hasSize(128).startsWith("a".repeat(111) + "#");
    assertThat(KeptText.category("€".repeat(43))).startsWith("€".repeat(37) + "#").hasSize(54);
  }

  @Test
  void features_textsThatDifferFarBehind_areCountedApart() {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (String window : List.of("30d", "lifetime")) {
      for (String aggregate : List.of("count_distinct", "histogram", "last", "last_n", "entropy")) {
        features.put(aggregate + window.charAt(0), FeatureDefinition.of(aggregate, "s", window));
      }
    }
    features.put(
        "by",
        new FeatureDefinition(
            "count", null, null, "30d", "s", null, null, null, null, null, null, null));
    ViewPlan plan =
        ViewPlan.compile(
            "v",
            new FeatureViewDefinition("e", "k", null, features, null, null),
            new EventSchema(Map.of("s", FieldType.STRING), false));
    ViewState state = plan.newState();
    String longest = "x".repeat(250_000);
    for (int i = 0; i < 40; i++) {
      plan.update(state, Map.of("s", longest + i % 4), START + i);
    }

    Object[] row = new Object[plan.size()];
    plan.read(plan.decode(plan.encode(state)), START + 100, row, 0);

    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < row.length; i++) {
      values.put(plan.featureNames().get(i), row[i]);
    }
    for (String window : List.of("3", "l")) {
      assertThat(values.get("count_distinct" + window)).isEqualTo(4.0);
      assertThat(values.get("entropy" + window)).isEqualTo(2.0);
      assertThat((String) values.get("last" + window)).hasSize(KeptText.VALUE_BYTES);
      assertThat((List<?>) values.get("last_n" + window)).hasSize(10);
      assertThat(counts(values.get("histogram" + window))).hasSize(4).containsOnly(10.0);
    }
    assertThat(counts(values.get("by"))).hasSize(4).containsOnly(10.0);
    assertThat(plan.encode(state).length).isLessThan(40_000);
  }

  private static List<Object> counts(@Nullable Object value) {
    return List.copyOf(((Map<?, ?>) Objects.requireNonNull(value)).values());
  }
}
