// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.serde.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EntityKeyTest {
  private static final int DRAWS = 100_000;
  private static final EntityKey BASKET = new EntityKey(List.of("store", "basket_id"));
  private static final EntityKey THREE = new EntityKey(List.of("a", "b", "c"));

  /** Few letters, so that draws meet again, and those that the encoding gives a meaning. */
  private static final String LETTERS = "ab:~01\\%é";

  private static String part(SplittableRandom random) {
    StringBuilder part = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      part.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return part.toString();
  }

  private static List<String> parts(SplittableRandom random, int count) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(part(random));
    }
    return parts;
  }

  /** How many draws of different parts an encoding gives one text. */
  private static int collisions(Function<List<String>, String> encoding) {
    SplittableRandom random = new SplittableRandom(7);
    Map<String, List<String>> seen = new HashMap<>();
    int collisions = 0;
    for (int i = 0; i < DRAWS; i++) {
      List<String> parts = parts(random, 3);
      List<String> before = seen.putIfAbsent(encoding.apply(parts), parts);
      collisions += before == null || before.equals(parts) ? 0 : 1;
    }
    return collisions;
  }

  @Test
  void join_differentParts_neverGiveOneText() {
    assertThat(collisions(EntityKey::join)).isZero();
    // The control: without escapes they do.
    assertThat(collisions(parts -> String.join(":", parts))).isPositive();
  }

  @Test
  void split_ofAnyJoinedParts_givesThemBack() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < DRAWS; i++) {
      List<String> parts = parts(random, 3);
      assertThat(THREE.split(EntityKey.join(parts))).isEqualTo(parts);
    }
  }

  @Test
  void split_anyText_isRefusedOrTheTextOfItsParts() {
    SplittableRandom random = new SplittableRandom(13);
    int taken = 0;
    for (int i = 0; i < DRAWS; i++) {
      String text = part(random) + part(random) + part(random);
      try {
        assertThat(EntityKey.join(THREE.split(text))).isEqualTo(text);
        taken++;
      } catch (InvalidKeyException refused) {
        assertThat(refused.rule()).isIn("key-text", "key-parts");
      }
    }
    assertThat(taken).isBetween(1, DRAWS - 1);
  }

  @Test
  void join_colonsThatMove_giveTwoKeys() {
    assertThat(EntityKey.join(List.of("a:b", "c"))).isEqualTo("a~1b:c");
    assertThat(EntityKey.join(List.of("a", "b:c"))).isEqualTo("a:b~1c");
  }

  @Test
  void in_oneField_isItsTextAsItIs() {
    assertThat(EntityKey.of("user").in(Map.of("user", "a:b~0"))).isEqualTo("a:b~0");
    assertThat(EntityKey.of("user").in(Map.of("user", 17850.0))).isEqualTo("17850");
  }

  @Test
  void in_valuesOfAnyType_areTexts() {
    assertThat(BASKET.in(Map.of("store", 7L, "basket_id", "12"))).isEqualTo("7:12");
    assertThat(BASKET.in(Map.of("store", 7.0, "basket_id", 12L))).isEqualTo("7:12");
    assertThat(BASKET.in(Map.of("store", "7", "basket_id", 0.5))).isEqualTo("7:0.5");
    assertThat(BASKET.in(Map.of("store", 1L, "basket_id", true))).isEqualTo("1:true");
    assertThat(BASKET.in(Map.of("store", true, "basket_id", 1L))).isEqualTo("true:1");
    assertThat(BASKET.in(Map.of("store", "true", "basket_id", 1L))).isEqualTo("true:1");
    assertThat(BASKET.in(Map.of("store", -0.0, "basket_id", 1L))).isEqualTo("0:1");
  }

  @Test
  void in_missingOrBlankPart_isNoKey() {
    assertThat(BASKET.in(Map.of("store", 7L))).isNull();
    assertThat(BASKET.in(Map.of("store", 7L, "basket_id", " "))).isNull();
    assertThat(BASKET.missing(Map.of("store", 7L, "basket_id", " "))).isEqualTo("basket_id");
    assertThat(BASKET.missing(Map.of("store", 7L, "basket_id", 1L))).isNull();
  }

  private static @Nullable String sent(EntityKey key, @Nullable Object sent) {
    return key.sent(sent, (field, part) -> field.equals("basket_id") ? "<" + part + ">" : part);
  }

  @Test
  void sent_objectOrText_isOneKeyWithItsPersonalPartsReplaced() {
    assertThat(sent(BASKET, Map.of("basket_id", "b:1", "store", 7))).isEqualTo("7:<b~11>");
    assertThat(sent(BASKET, "7:b~11")).isEqualTo("7:<b~11>");
    assertThat(sent(EntityKey.of("user"), Map.of("user", 17850.0))).isEqualTo("17850");
    assertThat(sent(EntityKey.of("user"), true)).isEqualTo("true");
    assertThat(sent(BASKET, null)).isNull();
    assertThat(sent(BASKET, " ")).isNull();
  }

  private static void refused(EntityKey key, @Nullable Object what, String path, String rule) {
    assertThatExceptionOfType(InvalidKeyException.class)
        .isThrownBy(() -> sent(key, what))
        .satisfies(e -> assertThat(e.below("key")).isEqualTo(path))
        .satisfies(e -> assertThat(e.rule()).isEqualTo(rule));
  }

  @Test
  void sent_whatIsNoKey_namesPartAndRule() {
    Map<String, @Nullable Object> nothing = new LinkedHashMap<>();
    nothing.put("store", 7);
    nothing.put("basket_id", null);
    refused(BASKET, nothing, "key.basket_id", "missing-key");
    refused(BASKET, Map.of("store", 7), "key.basket_id", "missing-key");
    refused(BASKET, Map.of(), "key.store", "missing-key");
    refused(BASKET, Map.of("store", 7, "basket", 1), "key.basket", "key-parts");
    refused(BASKET, Map.of("store", List.of(7), "basket_id", 1), "key.store", "type");
    refused(BASKET, Map.of("store", Map.of(), "basket_id", 1), "key.store", "type");
    refused(BASKET, Map.of("store", Double.NaN, "basket_id", 1), "key.store", "type");
    refused(BASKET, List.of(7, 12), "key", "type");
    refused(BASKET, 7, "key", "key-parts");
    refused(BASKET, "7:", "key", "key-parts");
    refused(BASKET, "7:1:2", "key", "key-parts");
    refused(BASKET, "7:~2", "key", "key-text");
    refused(BASKET, "7:1~", "key", "key-text");
    refused(EntityKey.of("user"), List.of("u"), "key", "type");
    refused(EntityKey.of("user"), Map.of("name", "u"), "key.name", "key-parts");
  }

  @Test
  void sent_longerThanTheLimitOrNoUnicode_isRefused() {
    String longest = "k".repeat(EntityKey.LENGTH_MAX);
    assertThat(sent(EntityKey.of("user"), longest)).isEqualTo(longest);
    refused(EntityKey.of("user"), longest + "k", "key", "key-length");
    refused(EntityKey.of("user"), "k".repeat(1 << 20), "key", "key-length");
    refused(BASKET, ":".repeat(1 << 20), "key", "key-length");
    refused(BASKET, Map.of("store", longest, "basket_id", 1), "key", "key-length");
    refused(EntityKey.of("user"), "u\ud800", "key", "key-text");
    refused(EntityKey.of("user"), "\udc00u", "key", "key-text");
    assertThat(sent(EntityKey.of("user"), "u\ud83e\uddf6")).isEqualTo("u\ud83e\uddf6");
  }

  @Test
  void json_oneFieldOrSeveral_isWrittenAsItWasRead() {
    for (String json : List.of("\"user\"", "[\"store\",\"basket_id\"]")) {
      EntityKey key = Json.mapper().readValue(json, EntityKey.class);
      assertThat(Json.mapper().writeValueAsString(key)).isEqualTo(json);
    }
    assertThat(Json.mapper().readValue("[\"user\"]", EntityKey.class))
        .isEqualTo(EntityKey.of("user"));
  }

  @Test
  void toString_oneField_isWhatItWasBeforeThereWereSeveral() {
    assertThat(new EntityDefinition("user", null, null))
        .hasToString("EntityDefinition[key=user, constant=null, optional=null, description=null]");
  }

  @Test
  void fields_ofAKey_cannotBeChanged() {
    assertThatThrownBy(() -> BASKET.fields().add("more"))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
