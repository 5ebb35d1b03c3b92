// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The newest state of every model version, fed from the models topics. Thread-safe. */
public final class VersionBook {
  private final Map<String, Map<String, ModelVersionChanged>> versions = new ConcurrentHashMap<>();
  private final Map<String, Long> seen = new ConcurrentHashMap<>();

  /** Takes a record, in the order of the topic. */
  public void accept(String topic, long offset, ModelVersionChanged version) {
    versions
        .computeIfAbsent(version.app(), app -> new ConcurrentHashMap<>())
        .put(version.version(), version);
    seen.put(topic, offset);
  }

  /** Whether everything up to an offset of a topic, inclusive, has been taken. */
  public boolean hasSeen(String topic, long offset) {
    return seen.getOrDefault(topic, -1L) >= offset;
  }

  public Optional<ModelVersionChanged> find(String app, String version) {
    return Optional.ofNullable(versions.getOrDefault(app, Map.of()).get(version));
  }

  /** The champion with the latest transition. */
  public Optional<ModelVersionChanged> champion(String app) {
    return versions.getOrDefault(app, Map.of()).values().stream()
        .filter(version -> version.status() == Status.CHAMPION)
        .max(
            Comparator.comparingLong(
                version ->
                    version.transitions().isEmpty() ? 0 : version.transitions().getLast().atMs()));
  }
}
