// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExpressionsTest {
  private static final EventSchema SCHEMA =
      new EventSchema(
          fields(
              "Quantity", FieldType.INTEGER,
              "UnitPrice", FieldType.NUMBER,
              "Description", FieldType.STRING,
              "gift", FieldType.BOOLEAN,
              "at", FieldType.TIMESTAMP,
              "absent", FieldType.NUMBER,
              "any", FieldType.DYNAMIC,
              "unit price", FieldType.NUMBER,
              "address.city", FieldType.STRING),
          false);

  private static final Map<String, Object> ROW =
      Map.of(
          "Quantity",
          6L,
          "UnitPrice",
          2.55,
          "Description",
          "WHITE LANTERN",
          "gift",
          true,
          "at",
          1_700_000_000_123L,
          "any",
          "12.5",
          "unit price",
          4.0,
          "address.city",
          "Ulm");

  private static Map<String, FieldType> fields(Object... pairs) {
    Map<String, FieldType> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], (FieldType) pairs[i + 1]);
    }
    return map;
  }

  private static Object evaluate(String cel) {
    return Expressions.compile(cel, SCHEMA).evaluate(ROW);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Quantity * UnitPrice ; 15.299999999999999",
        "UnitPrice > 0.2 * Quantity ; true",
        "UnitPrice / 2 ; 1.275",
        "Quantity / 4 ; 1",
        "Quantity / 4.0 ; 1.5",
        "Quantity % 4 ; 2",
        "-Quantity + 1 ; -5",
        "any * 2 ; 25.0",
        "any > 12 ; true",
        "any == '12.5' ; true",
        "any == 12.5 ; true",
        "any + 'x' ; 12.5x",
        "Quantity > 5.5 && gift ; true",
        "gift ? Quantity : UnitPrice ; 6.0",
        "Description.contains('LANTERN') ; true",
        "Description in ['a', 'WHITE LANTERN'] ; true",
        "Quantity in [1, 2.5, 6] ; true",
        "size(Description) ; 13",
        "Description.lowerAscii() ; white lantern",
        "Description.matches('^W.*N$') ; true",
        "has(UnitPrice) ; true",
        "has(absent) ; false",
        "absent == null ; true",
        "coalesce(absent, 7) ; 7.0",
        "gift || absent > 3 ; true",
        "!gift && absent > 3 ; false",
        "at.getFullYear() ; 2023",
        "at.getHours('Asia/Tokyo') ; 7",
        "at > timestamp('2023-01-01T00:00:00Z') ; true",
        "at - timestamp('2023-11-14T22:13:20Z') ; 0.123",
        "math.greatest(Quantity, UnitPrice) ; 6.0",
        "math.abs(-Quantity) ; 6",
        "int(UnitPrice) ; 2",
        "string(Quantity) + '!' ; 6!",
        "event['unit price'] * 2 ; 8.0",
        "event.Quantity ; 6",
        "address.city == 'Ulm' ; true",
        "double('2.5') + 1 ; 3.5",
      })
  void evaluate_expression_hasValue(String cel, String expected) {
    assertThat(String.valueOf(evaluate(cel))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "Quantity / 0",
    "UnitPrice / 0",
    "Quantity % 0",
    "absent + 1",
    "absent > 1",
    "!(absent > 1)",
    "gift && absent > 1",
    "absent > 1 ? 1 : 2",
    "9223372036854775807 + Quantity",
    "UnitPrice * 1e308 * 1e308",
    "any > 1 ? absent : 1.0",
    "math.sqrt(-1)",
    "math.log(0)",
    "int('x')",
  })
  void evaluate_undefined_isMissing(String cel) {
    Compiled compiled = Expressions.compile(cel, SCHEMA);
    assertThat(compiled.evaluate(ROW)).isNull();
    assertThat(compiled.asDouble(ROW)).isNaN();
    assertThat(compiled.asBoolean(ROW)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Description * 2 | 1 | 13 | operator '*' does not apply to STRING 'Description'",
        "1 + Quantty | 1 | 5 | unknown field 'Quantty'",
        "Quantity == 'x' | 1 | 10 | cannot compare INTEGER 'Quantity' with a STRING",
        "Quantity && gift | 1 | 1 | a condition is needed here",
        "nope(Quantity) | 1 | 5 | unknown function 'nope'",
        "Description.matches(Description) | 1 | 20 | literal pattern",
        "at + 1 | 1 | 4 | does not apply to TIMESTAMP",
        "gift < true | 1 | 6 | cannot compare",
        "null | 1 | 1 | always null",
        "Quantity + | 1 | 11 | mismatched input",
        "[1, 2] | 1 | 1 | a list is allowed only",
        "Quantity in [] | 1 | 13 | the list is empty",
        "gift ? Quantity : Description | 1 | 6 | alternatives",
        "Description.size(1) | 1 | 17 | takes 1 operand",
      })
  void compile_mistake_isRefusedWithPlace(String cel, int line, int column, String message) {
    assertThatThrownBy(() -> Expressions.compile(cel, SCHEMA))
        .isInstanceOfSatisfying(
            ExpressionException.class,
            e -> {
              assertThat(e.problem()).contains(message);
              assertThat(e.line()).isEqualTo(line);
              assertThat(e.column()).isEqualTo(column);
            });
  }

  @Test
  void compile_secondLine_isNamed() {
    assertThatThrownBy(() -> Expressions.compile("Quantity +\n  nothing", SCHEMA))
        .isInstanceOfSatisfying(
            ExpressionException.class,
            e -> {
              assertThat(e.line()).isEqualTo(2);
              assertThat(e.column()).isEqualTo(3);
            });
  }

  @Test
  void compile_resultTypeAndFields_areReported() {
    Compiled compiled = Expressions.compile("Quantity * UnitPrice > absent", SCHEMA);
    assertThat(compiled.resultType()).isEqualTo(FieldType.BOOLEAN);
    assertThat(compiled.fields()).containsExactlyInAnyOrder("Quantity", "UnitPrice", "absent");
    assertThat(Expressions.compile("Quantity + 1", SCHEMA).resultType())
        .isEqualTo(FieldType.INTEGER);
    assertThat(Expressions.compile("Quantity + any", SCHEMA).resultType())
        .isEqualTo(FieldType.NUMBER);
  }

  @Test
  void canonical_spacingAndBrackets_doNotShow() {
    String canonical = Expressions.compile("Quantity*(UnitPrice)", SCHEMA).canonical();
    assertThat(Expressions.compile(" ( Quantity )\n * UnitPrice ", SCHEMA).canonical())
        .isEqualTo(canonical);
    assertThat(Expressions.compile("UnitPrice * Quantity", SCHEMA).canonical())
        .isNotEqualTo(canonical);
  }

  @Test
  void compile_openSchema_readsUnlistedFieldsAsDynamic() {
    Compiled compiled =
        Expressions.compile("price * 2 > 5 && kind == 'a'", new EventSchema(Map.of(), true));
    assertThat(compiled.asBoolean(Map.of("price", 3L, "kind", "a"))).isTrue();
    assertThat(compiled.asBoolean(Map.of("price", "3.5", "kind", "a"))).isTrue();
    assertThat(compiled.asBoolean(Map.of("price", "x", "kind", "a"))).isFalse();
    assertThat(compiled.asBoolean(Map.of())).isFalse();
  }

  @Test
  void compile_scopes_readsEachScope() {
    Map<String, EventSchema> scopes =
        Map.of(
            "event", new EventSchema(Map.of("price", FieldType.NUMBER), false),
            "features", new EventSchema(Map.of("spend_7d", FieldType.NUMBER), false));
    Compiled compiled = Expressions.compile("event.price / features.spend_7d", scopes);
    assertThat(compiled.fields()).containsExactlyInAnyOrder("event.price", "features.spend_7d");
    Map<String, Map<String, Object>> row =
        Map.of("event", Map.of("price", 3.0), "features", Map.of("spend_7d", 12.0));
    assertThat(compiled.asDouble(row)).isEqualTo(0.25);
    assertThat(compiled.asDouble(Map.of("event", Map.of("price", 3.0)))).isNaN();
    assertThatThrownBy(() -> Expressions.compile("price + 1", scopes))
        .hasMessageContaining("write scope.field");
    assertThatThrownBy(() -> Expressions.compile("event.nope + 1", scopes))
        .hasMessageContaining("unknown field 'event.nope'");
  }

  @Test
  void evaluate_valueOfWrongType_isMissing() {
    Map<String, Object> row = new HashMap<>();
    row.put("Quantity", "six");
    row.put("UnitPrice", Double.NaN);
    row.put("Description", null);
    assertThat(Expressions.compile("Quantity", SCHEMA).evaluate(row)).isNull();
    assertThat(Expressions.compile("UnitPrice", SCHEMA).evaluate(row)).isNull();
    assertThat(Expressions.compile("Description + 'x'", SCHEMA).evaluate(row)).isNull();
  }
}
