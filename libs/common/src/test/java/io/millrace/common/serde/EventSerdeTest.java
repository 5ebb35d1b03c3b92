// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.contract.Event;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventSerdeTest {
  private final EventSerde serde = new EventSerde();

  private Event throughBytes(Event event) {
    Headers headers = new RecordHeaders();
    byte[] bytes = serde.serializer().serialize("", headers, event);
    return Objects.requireNonNull(serde.deserializer().deserialize("", headers, bytes));
  }

  private long read(String time) {
    Event event = new Event("shop", "view", "1", "k", 0, 0, Map.of("a", 1L));
    Headers headers = new RecordHeaders();
    byte[] bytes = serde.serializer().serialize("", headers, event);
    headers.remove("ce_time");
    headers.add("ce_time", time.getBytes(StandardCharsets.UTF_8));
    return Objects.requireNonNull(serde.deserializer().deserialize("", headers, bytes))
        .eventTimeMs();
  }

  @Test
  void event_anyTime_readsBackEqual() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      // Years 1653 to 2286, so that the calendar's rare cases and times before 1970 are in it.
      long time = (long) ((random.nextDouble() * 2 - 1) * 1e13);
      long whole = i % 2 == 0 ? time : Math.floorDiv(time, 1000) * 1000;
      Event event = new Event("shop", "view", "id" + i, null, whole, time, Map.of("x", 0.5));
      assertThat(throughBytes(event)).isEqualTo(event);
    }
  }

  @Test
  void deserializer_ofSomeFields_readsTheseAndRefusesWhatTheOtherWould() {
    Event event =
        new Event("shop", "view", "1", "k", 5, 6, Map.of("a", 1L, "b", "x", "c", 0.5, "d", true));
    Headers headers = new RecordHeaders();
    byte[] bytes = serde.serializer().serialize("", headers, event);
    var some = EventSerde.deserializer(Set.of("a", "d", "e"));

    assertThat(some.deserialize("", headers, bytes))
        .isEqualTo(new Event("shop", "view", "1", "k", 5, 6, Map.of("a", 1L, "d", true)));
    for (String bad : List.of("{\"b\":[1]}", "{\"b\":12345678901234567890}", "{\"b\":\"", "[]")) {
      byte[] wrong = bad.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> some.deserialize("", headers, wrong))
          .as(bad)
          .isInstanceOf(SerializationException.class);
      assertThatThrownBy(() -> serde.deserializer().deserialize("", headers, wrong))
          .as(bad)
          .isInstanceOf(SerializationException.class);
    }
  }

  @Test
  void readData_manyFieldsAndRepeatedOnes_keepsTheLastOfEach() {
    StringBuilder json = new StringBuilder("{\"f0\":-1");
    Map<String, Object> expected = new LinkedHashMap<>();
    for (int i = 0; i < 40; i++) {
      json.append(",\"f").append(i).append("\":").append(i);
      expected.put("f" + i, (long) i);
      byte[] bytes = (json + "}").getBytes(StandardCharsets.UTF_8);
      assertThat(EventSerde.readData(bytes)).isEqualTo(expected).hasSameHashCodeAs(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-01-31T23:59:59Z",
        "2024-02-29T00:00:00.001Z",
        "2026-01-31T23:59:59.1Z",
        "2026-01-31T23:59:59.123456789Z",
        "2026-01-31T23:59:59+02:00",
        "2026-01-31T23:59:59.999+02:00",
        "-0044-03-15T12:00:00Z",
        "+12026-01-31T23:59:59Z",
        "2026-01-31T24:00:00Z"
      })
  void time_everyFormOfRfc3339_isReadAsInstantDoes(String time) {
    assertThat(read(time)).isEqualTo(Instant.parse(time).toEpochMilli());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00,123Z",
        "2026-01-0aT00:00:00Z",
        ""
      })
  void time_notRfc3339_isNamedWithItsHeader(String time) {
    assertThatThrownBy(() -> read(time))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("ce_time");
  }
}
