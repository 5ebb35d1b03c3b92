// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.application.ApplicationParser;
import io.millrace.common.application.ParsedApplication;
import io.millrace.common.definition.ApplicationDefinition;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Keys as they stand in files, against keys as they are in events. */
class EntityKeysTest {
  private static final ApplicationDefinition SHOP =
      ((ParsedApplication.Valid)
              ApplicationParser.parse(
                  """
                  apiVersion: millrace/v1
                  kind: Application
                  metadata: {name: shop}
                  events:
                    order:
                      time: {field: at}
                      schema:
                        properties: {at: {type: string}, customer: {type: number}, item: {type: string}}
                      personal: {customer: pseudonymise}
                  entities:
                    customer: {key: customer}
                    item: {key: item}
                    pair: {key: [customer, item]}
                  """
                      .getBytes(StandardCharsets.UTF_8)))
          .definition();

  private final EntityKeys keys = new EntityKeys((app, field, key) -> "hash of " + key);

  private Map<String, String> of(String entity, Object key, boolean pseudonymous) {
    Map<String, @Nullable Object> sent = new HashMap<>();
    sent.put(entity, key);
    return keys.ofSpine(SHOP, sent, pseudonymous);
  }

  @Test
  void ofSpine_personalNumber_isTheKeyOfTheEventsHoweverItIsWritten() {
    for (Object each : new Object[] {"17850.0", "17850", 17850L, 17850.0}) {
      assertThat(of("customer", each, false))
          .containsExactly(Map.entry("customer", "hash of 17850"));
    }
  }

  @Test
  void ofSpine_text_staysAsItIs() {
    assertThat(of("item", "17850.0", false)).containsExactly(Map.entry("item", "17850.0"));
  }

  @Test
  void ofSpine_pseudonym_isTakenAsItIs() {
    assertThat(of("customer", "0af3", true)).containsExactly(Map.entry("customer", "0af3"));
  }

  @Test
  void ofSpine_partsAsTheyAreWritten_areTheKeyOfTheEventsWithThePersonalOneHashed() {
    for (Object each : new Object[] {"17850.0", "17850", 17850L, 17850.0}) {
      assertThat(of("pair", Map.of("customer", each, "item", "a:b"), false))
          .containsExactly(Map.entry("pair", "hash of 17850:a~1b"));
    }
    assertThat(of("pair", Map.of("customer", "0af3", "item", "7"), true))
        .containsExactly(Map.entry("pair", "0af3:7"));
    assertThat(of("pair", "0af3:7", true)).containsExactly(Map.entry("pair", "0af3:7"));
    assertThat(of("pair", "17850:7", false)).containsExactly(Map.entry("pair", "hash of 17850:7"));
  }

  @Test
  void ofSpine_noneOrSomeOfTheParts_isNoKeyOrRefused() {
    Map<String, @Nullable Object> parts = new HashMap<>();
    parts.put("customer", "");
    parts.put("item", null);
    assertThat(of("pair", parts, false)).isEmpty();
    assertThatThrownBy(() -> of("pair", Map.of("customer", 1, "item", ""), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("entities.pair.item");
  }

  @Test
  void ofSpine_noNumber_isRefused() {
    assertThatThrownBy(() -> of("customer", "nobody", false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no number");
  }
}
