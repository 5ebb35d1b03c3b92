// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.ColumnRules.TimeFormat;
import io.millrace.common.serde.Json;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A column's facts: how they are stored, and that changing one leaves the others. */
final class ColumnSchemaTest {
  private static final String STORED =
      """
      {"type": "STRING", "declared": true, "maxMissingShare": 0.25,
       "typeShares": {"number": 0.125, "string": 1.0}, "domain": ["a", "b"],
       "low": -1.5, "high": 9.0, "rangeDeclared": true, "domainDeclared": true, "shape": 2,
       "rules": {"notInEnvironment": ["SERVING"]}, "format": "DATE"}
      """;

  private static final ColumnSchema FULL =
      ColumnSchema.ofDeclared(
              ColumnSchema.Type.STRING, 0.25, Map.of("string", 1.0, "number", 0.125))
          .withDeclaredDomain(List.of("a", "b"))
          .withDeclaredRange(-1.5, 9.0)
          .withShape(2)
          .withRules(ColumnRules.notIn(List.of("SERVING")))
          .withFormat(TimeFormat.DATE);

  @Test
  void json_ofEveryFact_isWhatStoresHold() {
    String written = Json.mapper().writeValueAsString(FULL);
    assertThat(Json.mapper().readTree(written)).isEqualTo(Json.mapper().readTree(STORED));
    assertThat(Json.mapper().readValue(STORED, ColumnSchema.class)).isEqualTo(FULL);
  }

  /** As it was written before a column had a shape, rules and a format. */
  @Test
  void json_withTheFirstFactsOnly_isRead() {
    String first =
        """
        {"type": "FLOAT", "declared": false, "maxMissingShare": 0.0, "typeShares": {"number": 1.0},
         "rangeDeclared": false, "domainDeclared": false}
        """;
    assertThat(Json.mapper().readValue(first, ColumnSchema.class))
        .isEqualTo(ColumnSchema.ofLearned(ColumnSchema.Type.FLOAT, 0, Map.of("number", 1.0)));
  }

  @Test
  void with_aFact_leavesTheOthers() {
    Map<UnaryOperator<ColumnSchema>, Set<String>> changes = new LinkedHashMap<>();
    changes.put(each -> each.withType(ColumnSchema.Type.MIXED), Set.of("type"));
    changes.put(each -> each.withMaxMissingShare(1), Set.of("maxMissingShare"));
    changes.put(each -> each.withTypeShares(Map.of()), Set.of("typeShares"));
    changes.put(each -> each.withDomain(List.of("c")), Set.of("domain"));
    changes.put(each -> each.withDeclaredDomain(null), Set.of("domain", "domainDeclared"));
    changes.put(each -> each.withRange(0.0, 1.0), Set.of("low", "high"));
    changes.put(each -> each.withDeclaredRange(0.0, null), Set.of("low", "high"));
    changes.put(each -> each.withShape(null), Set.of("shape"));
    changes.put(each -> each.withRules(ColumnRules.NONE), Set.of("rules"));
    changes.put(each -> each.withFormat(null), Set.of("format"));
    changes.forEach(
        (change, expected) -> assertThat(differing(FULL, change.apply(FULL))).isEqualTo(expected));
    ColumnSchema bare = ColumnSchema.ofLearned(ColumnSchema.Type.INT, 0, Map.of());
    assertThat(differing(bare, bare.withDeclaredRange(1.0, 2.0)))
        .containsExactlyInAnyOrder("low", "high", "rangeDeclared");
    assertThat(differing(bare, bare.withDeclaredDomain(List.of())))
        .containsExactlyInAnyOrder("domain", "domainDeclared");
  }

  private static Set<String> differing(ColumnSchema a, ColumnSchema b) {
    Set<String> names = new TreeSet<>();
    for (RecordComponent component : ColumnSchema.class.getRecordComponents()) {
      if (!Objects.equals(value(component, a), value(component, b))) {
        names.add(component.getName());
      }
    }
    return names;
  }

  private static Object value(RecordComponent component, ColumnSchema of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(component.getName(), e);
    }
  }
}
