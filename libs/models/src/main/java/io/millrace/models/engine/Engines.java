// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** The engines on the class path. Thread-safe. */
public final class Engines {
  private static final Map<String, ScorerEngine> BY_NAME = find();

  private Engines() {}

  /**
   * The engine of an algorithm.
   *
   * @throws IllegalArgumentException naming the engines that are there, where there is none
   */
  public static ScorerEngine of(String algorithm) {
    ScorerEngine engine = BY_NAME.get(algorithm);
    if (engine == null) {
      throw new IllegalArgumentException(
          "no engine for algorithm '" + algorithm + "'; there are " + names());
    }
    return engine;
  }

  /** Names of all engines, sorted. */
  public static Set<String> names() {
    return BY_NAME.keySet();
  }

  private static Map<String, ScorerEngine> find() {
    Map<String, ScorerEngine> engines = new TreeMap<>();
    ServiceLoader.load(ScorerEngine.class, Engines.class.getClassLoader())
        .forEach(engine -> engines.put(engine.name(), engine));
    return java.util.Collections.unmodifiableMap(engines);
  }
}
