// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import org.jspecify.annotations.Nullable;

/**
 * What features are about.
 *
 * @param key field of the events that holds the entity key
 * @param constant for an entity of which there is one: its key
 * @param optional whether an event without this key is accepted; its views then leave that event
 *     out
 * @param description meaning, for people
 */
public record EntityDefinition(
    @Nullable String key,
    @Nullable String constant,
    @Nullable Boolean optional,
    @Nullable String description) {

  /** An entity whose key every event must carry. */
  public EntityDefinition(
      @Nullable String key, @Nullable String constant, @Nullable String description) {
    this(key, constant, null, description);
  }

  /** {@link #optional} with its default of false. */
  public boolean mayBeMissing() {
    return optional != null && optional;
  }
}
