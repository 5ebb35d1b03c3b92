// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What features are about.
 *
 * @param key field or fields of the events that hold the entity key
 * @param constant for an entity of which there is one: its key
 * @param optional whether an event without this key is accepted; its views then leave that event
 *     out
 * @param description meaning, for people
 */
public record EntityDefinition(
    @Nullable EntityKey key,
    @Nullable String constant,
    @Nullable Boolean optional,
    @Nullable String description) {

  /** An entity whose key, of one field, every event must carry. */
  public EntityDefinition(
      @Nullable String key, @Nullable String constant, @Nullable String description) {
    this(key == null ? null : EntityKey.of(key), constant, null, description);
  }

  /** The fields that hold the key; none for a constant. */
  public List<String> keyFields() {
    return key == null ? List.of() : key.fields();
  }

  /** {@link #optional} with its default of false. */
  public boolean mayBeMissing() {
    return optional != null && optional;
  }
}
