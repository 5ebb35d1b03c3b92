// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The generation that answers for each application. Thread-safe. */
public final class ServingGenerations {
  private final Map<String, Generation> serving = new ConcurrentHashMap<>();

  public void serve(Generation generation) {
    serving.put(generation.app(), generation);
  }

  public void remove(String app) {
    serving.remove(app);
  }

  public Optional<Generation> find(String app) {
    return Optional.ofNullable(serving.get(app));
  }
}
