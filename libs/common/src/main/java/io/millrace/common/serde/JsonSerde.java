// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.serde;

import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** A record type as JSON; null is a tombstone. Thread-safe. */
public final class JsonSerde<T> implements Serde<T> {
  private final Class<T> type;

  public JsonSerde(Class<T> type) {
    this.type = type;
  }

  @Override
  public Serializer<T> serializer() {
    return (topic, value) -> toBytes(value);
  }

  @Override
  public Deserializer<T> deserializer() {
    return (topic, bytes) -> fromBytes(bytes);
  }

  public byte @Nullable [] toBytes(@Nullable T value) {
    return value == null ? null : Json.mapper().writeValueAsBytes(value);
  }

  /**
   * @throws SerializationException where the bytes are not JSON of the type
   */
  public @Nullable T fromBytes(byte @Nullable [] bytes) {
    if (bytes == null || bytes.length == 0) {
      return null;
    }
    try {
      return Json.mapper().readValue(bytes, type);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new SerializationException("not a " + type.getSimpleName() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {}
}
