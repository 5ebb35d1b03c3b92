// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.security.Pseudonymiser;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns the keys that a caller sends into those that stores know. Thread-safe. */
public final class EntityKeys {
  private final Pseudonymiser pseudonymiser;

  public EntityKeys(Pseudonymiser pseudonymiser) {
    this.pseudonymiser = pseudonymiser;
  }

  /**
   * Canonical keys; personal ones hashed unless they are pseudonyms already. An entity of which
   * there is one gets its constant key.
   *
   * @param path where the row is in the request, for the message
   */
  Map<String, String> of(
      ApplicationDefinition definition,
      Map<String, ? extends @Nullable Object> sent,
      boolean pseudonymous,
      String path) {
    Map<String, String> keys = new TreeMap<>();
    definition
        .entities()
        .forEach(
            (entity, declared) -> {
              if (declared.constant() != null) {
                keys.put(entity, declared.constant());
              }
            });
    sent.forEach(
        (entity, value) -> {
          EntityDefinition declared = definition.entities().get(entity);
          if (declared == null) {
            throw ProblemException.invalid(
                "unknown entity",
                List.of(
                    new Violation(
                        path + "." + entity,
                        "entity",
                        "the application has the entities " + definition.entities().keySet())));
          }
          String key = ApplicationDefinition.canonicalKey(value);
          if (key != null && declared.constant() == null) {
            keys.put(entity, known(definition, entity, declared, key, pseudonymous));
          }
        });
    return keys;
  }

  private String known(
      ApplicationDefinition definition,
      String entity,
      EntityDefinition declared,
      String key,
      boolean pseudonymous) {
    return !pseudonymous && declared.key() != null && definition.hasPersonalKey(entity)
        ? pseudonymiser.pseudonym(definition.name(), declared.key(), key)
        : key;
  }
}
