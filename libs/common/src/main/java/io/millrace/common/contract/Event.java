// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An accepted event on {@code <app>.events.<event>}: canonical types, deduplicated, personal values
 * already hashed. Travels as CloudEvents 1.0 in Kafka's binary mode (see {@link
 * io.millrace.common.serde.EventSerde}).
 *
 * @param app application
 * @param name kind of event
 * @param id unique within the application and kind
 * @param key key of the primary entity; the record key
 * @param eventTimeMs event timestamp, milliseconds since the epoch
 * @param knownAtMs when Millrace (or, for imported history, the world) came to know it
 * @param data field → String, Long, Double, Boolean; an absent field is missing
 */
public record Event(
    String app,
    String name,
    String id,
    @Nullable String key,
    long eventTimeMs,
    long knownAtMs,
    Map<String, Object> data) {
  public Event {
    data = data instanceof Fields ? data : Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }
}
