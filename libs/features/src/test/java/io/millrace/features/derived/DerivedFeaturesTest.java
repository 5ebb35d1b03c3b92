// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.derived;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DerivedFeaturesTest {
  private static final Map<String, EventSchema> SCOPES =
      Map.of(
          "event",
          new EventSchema(
              Map.of("kind", FieldType.STRING, "price", FieldType.NUMBER, "at", FieldType.INTEGER),
              false),
          "item",
          new EventSchema(Map.of("clicks", FieldType.NUMBER, "shown", FieldType.NUMBER), false));

  private static Map<String, String> problems(Map<String, String> expressions) {
    return catchThrowableOfType(
            DerivedFeatures.InvalidException.class,
            () -> DerivedFeatures.compile(expressions, SCOPES))
        .problems();
  }

  @Test
  void evaluate_readsFeaturesFieldsAndOtherDerivedOnes_inAnyOrderOfDeclaration() {
    Map<String, String> expressions = new LinkedHashMap<>();
    expressions.put("dear", "derived.value > 2.0");
    expressions.put("value", "event.price * derived.rate");
    expressions.put("rate", "item.clicks / item.shown");
    expressions.put("hour", "event.at % 24");
    expressions.put("label", "event.kind + '!'");
    DerivedFeatures derived = DerivedFeatures.compile(expressions, SCOPES);

    assertThat(derived.names()).containsExactly("rate", "value", "dear", "hour", "label");
    assertThat(derived.reads())
        .containsExactly("event.at", "event.kind", "event.price", "item.clicks", "item.shown");
    assertThat(
            derived.evaluate(
                Map.of(
                        "event.price", 12.0,
                        "event.kind", "wool",
                        "event.at", 49L,
                        "item.clicks", 1.0,
                        "item.shown", 4.0)
                    ::get))
        .isEqualTo(Map.of("rate", 0.25, "value", 3.0, "dear", true, "hour", 1L, "label", "wool!"));
    assertThat(derived.typeOf("hour")).isEqualTo(FieldType.INTEGER);
  }

  @Test
  void evaluate_missingOrUndefined_isAbsentAndSoIsWhatReadsIt() {
    DerivedFeatures derived =
        DerivedFeatures.compile(
            Map.of("rate", "item.clicks / item.shown", "twice", "derived.rate * 2.0"), SCOPES);
    Map<String, Object> row = new HashMap<>(Map.of("item.clicks", 1.0));
    List<String> undefined = new ArrayList<>();
    assertThat(derived.evaluate(row::get, undefined::add)).isEmpty();
    assertThat(undefined).as("what it reads is missing").isEmpty();
    row.put("item.shown", 0.0);
    assertThat(derived.evaluate(row::get, undefined::add)).as("1/0").isEmpty();
    assertThat(undefined).as("what reads it only misses it").containsExactly("rate");
  }

  @Test
  void neededBy_keepsWhatInputsReadDirectlyOrNot_andNothingElse() {
    Map<String, String> expressions =
        Map.of(
            "rate", "item.clicks / item.shown",
            "value", "event.price * derived.rate",
            "label", "event.kind + '!'");
    DerivedFeatures needed =
        DerivedFeatures.compile(expressions, SCOPES)
            .neededBy(List.of("item.clicks", "derived.value"));
    assertThat(needed.names()).containsExactly("rate", "value");
    assertThat(needed.reads()).containsExactly("event.price", "item.clicks", "item.shown");
    assertThat(
            needed.evaluate(
                Map.of("event.price", 12.0, "item.clicks", 1.0, "item.shown", 4.0)::get))
        .isEqualTo(Map.of("rate", 0.25, "value", 3.0));
  }

  @Test
  void of_definition_computesTheSame() {
    DerivedFeatures derived =
        DerivedFeatures.compile(Map.of("a", "derived.b + 1.0", "b", "event.price * 2.0"), SCOPES);
    DerivedFeatures again = DerivedFeatures.of(derived.definition());
    assertThat(again.definition()).isEqualTo(derived.definition());
    assertThat(again.evaluate(Map.of("event.price", 3.0)::get))
        .isEqualTo(Map.of("a", 7.0, "b", 6.0));
  }

  @Test
  void compile_cycle_isNamedForEachOfItsMembers() {
    assertThat(
            problems(
                Map.of(
                    "a", "derived.b + 1.0",
                    "b", "derived.a + 1.0",
                    "self", "derived.self + 1.0",
                    "good", "event.price")))
        .containsOnlyKeys("a", "b", "self")
        .allSatisfy((name, problem) -> assertThat(problem).contains("cycle"));
  }

  @Test
  void compile_unknownFieldWrongTypeOrNoType_isRefused() {
    assertThat(
            problems(
                Map.of(
                    "gone", "event.nothing + 1.0",
                    "mixed", "event.kind * 2.0",
                    "broken", "event.price +")))
        .containsOnlyKeys("gone", "mixed", "broken");
    EventSchema open = new EventSchema(Map.of(), true);
    DerivedFeatures.InvalidException untyped =
        catchThrowableOfType(
            DerivedFeatures.InvalidException.class,
            () -> DerivedFeatures.compile(Map.of("x", "event.any"), Map.of("event", open)));
    assertThat(untyped.problems().get("x")).contains("double(");
  }
}
