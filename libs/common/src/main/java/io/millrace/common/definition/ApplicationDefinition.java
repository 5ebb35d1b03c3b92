// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.view.ViewPlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One application: everything that a team declares. Immutable. An instance read from {@code
 * millrace.applications} has passed every check of ingest, so that readers need none.
 *
 * @param apiVersion {@code millrace/v1}
 * @param kind {@code Application}
 * @param derivedFeatures name → CEL over {@code view.feature}, {@code event.field} and {@code
 *     derived.name}, computed on demand
 */
public record ApplicationDefinition(
    String apiVersion,
    String kind,
    Metadata metadata,
    Map<String, EventDefinition> events,
    Map<String, EntityDefinition> entities,
    Map<String, FeatureViewDefinition> featureViews,
    Map<String, String> derivedFeatures,
    @Nullable LabelDefinition label,
    @Nullable ModelDefinition model,
    @Nullable GatesDefinition gates,
    @Nullable RolloutDefinition rollout,
    @Nullable MonitorDefinition monitor,
    @Nullable ValidationDefinition validation) {

  public ApplicationDefinition {
    events = Frozen.map(events);
    entities = Frozen.map(entities);
    featureViews = Frozen.map(featureViews);
    derivedFeatures = Frozen.map(derivedFeatures);
  }

  /**
   * @param name application name: lower-case letters, digits and hyphens, 1 to 40 characters
   * @param owner who answers for it
   * @param documented whether a feature without an owner or a written meaning is refused; absent
   *     means it is not
   */
  public record Metadata(
      String name,
      @Nullable String owner,
      @Nullable String description,
      @Nullable Boolean documented) {
    /** Without the demand that every feature is documented. */
    public Metadata(String name, @Nullable String owner, @Nullable String description) {
      this(name, owner, description, null);
    }
  }

  public String name() {
    return metadata.name();
  }

  /** The definition of an event; the event must exist. */
  public EventDefinition event(String name) {
    EventDefinition event = events.get(name);
    if (event == null) {
      throw new IllegalArgumentException("application " + name() + " has no event '" + name + "'");
    }
    return event;
  }

  /**
   * The entity whose key is the record key of an event: the one the event names, else the first
   * declared entity that a view on the event uses, else the first declared entity whose key fields
   * the event declares, else the first declared entity; null where the application declares none.
   */
  public @Nullable String primaryEntity(String event) {
    String named = event(event).key();
    if (named != null) {
      return named;
    }
    Set<String> used = viewEntities(event);
    List<Map.Entry<String, EntityDefinition>> candidates =
        entities.entrySet().stream().filter(each -> !each.getValue().mayBeMissing()).toList();
    for (Map.Entry<String, EntityDefinition> candidate : candidates) {
      if (used.contains(candidate.getKey())) {
        return candidate.getKey();
      }
    }
    Set<String> fields = event(event).eventSchema().fields().keySet();
    for (Map.Entry<String, EntityDefinition> candidate : candidates) {
      List<String> key = candidate.getValue().keyFields();
      if (!key.isEmpty() && fields.containsAll(key)) {
        return candidate.getKey();
      }
    }
    return candidates.isEmpty() ? null : candidates.getFirst().getKey();
  }

  /**
   * The entities whose key an event must carry: the primary one and those of the views on it that
   * are not optional.
   */
  public Set<String> requiredEntities(String event) {
    Set<String> required = new LinkedHashSet<>();
    String primary = primaryEntity(event);
    if (primary != null) {
      required.add(primary);
    }
    for (String entity : viewEntities(event)) {
      EntityDefinition definition = entities.get(entity);
      if (definition == null || !definition.mayBeMissing()) {
        required.add(entity);
      }
    }
    return required;
  }

  private Set<String> viewEntities(String event) {
    Set<String> used = new LinkedHashSet<>();
    for (FeatureViewDefinition view : featureViews.values()) {
      if (view.source().equals(event)) {
        used.add(view.entity());
      }
    }
    return used;
  }

  /** The key of an entity in an event's canonical data, or null where the event has none. */
  public @Nullable String entityKey(String entity, Map<String, ?> data) {
    EntityDefinition definition = entities.get(entity);
    if (definition == null) {
      return null;
    }
    return definition.key() == null ? definition.constant() : definition.key().in(data);
  }

  /**
   * What makes keys, as stores know them, of what somebody sends for an entity.
   *
   * @param entity one of {@link #entities}
   * @param pseudonym (field, text) → what stands for a personal part
   */
  public EntityKey.Reader sentKeys(String entity, BinaryOperator<String> pseudonym) {
    EntityDefinition definition = entities.get(entity);
    if (definition == null) {
      throw new IllegalArgumentException("there is no entity '" + entity + "'");
    }
    EntityKey key = definition.key();
    if (key == null) {
      return sent -> definition.constant();
    }
    Set<String> personal = new HashSet<>(key.fields());
    personal.removeIf(field -> !isPersonalKey(field));
    return sent ->
        key.sent(
            sent, (field, text) -> personal.contains(field) ? pseudonym.apply(field, text) : text);
  }

  /**
   * The text form of a value that is a key or a part of one; null for an absent or blank one. A
   * number with integral value is written without a fraction, so that 17850 and 17850.0 are one
   * entity.
   */
  public static @Nullable String canonicalKey(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 ->
          Long.toString(number.longValue());
      case String text when text.isBlank() -> null;
      default -> value.toString();
    };
  }

  /** Every entity that the data holds a key for: entity → key, sorted by entity. */
  public Map<String, String> entityKeys(Map<String, ?> data) {
    Map<String, String> keys = new TreeMap<>();
    for (String entity : entities.keySet()) {
      String key = entityKey(entity, data);
      if (key != null) {
        keys.put(entity, key);
      }
    }
    return keys;
  }

  /**
   * The model's inputs with every {@code view.*} and {@code derived.*} spelled out, in order; empty
   * without a model.
   */
  public List<String> modelInputs() {
    if (model == null) {
      return List.of();
    }
    Set<String> inputs = new LinkedHashSet<>();
    for (String feature : model.features()) {
      if (feature.endsWith(".*")) {
        String scope = feature.substring(0, feature.length() - 2);
        FeatureViewDefinition view = featureViews.get(scope);
        Set<String> names =
            scope.equals(DerivedFeatures.SCOPE)
                ? derivedFeatures.keySet()
                : view == null ? Set.of() : view.features().keySet();
        names.forEach(name -> inputs.add(scope + "." + name));
      } else {
        inputs.add(feature);
      }
    }
    return new ArrayList<>(inputs);
  }

  /** The feature views, compiled; they must be right. */
  public List<ViewPlan> viewPlans() {
    List<ViewPlan> plans = new ArrayList<>();
    featureViews.forEach(
        (name, view) ->
            plans.add(ViewPlan.compile(name, view, event(view.source()).eventSchema())));
    return plans;
  }

  /** Whether the key of an entity, or a part, is replaced by its keyed hash before publication. */
  public boolean hasPersonalKey(String entity) {
    EntityDefinition definition = entities.get(entity);
    return definition != null && definition.keyFields().stream().anyMatch(this::isPersonalKey);
  }

  /** Whether a field is replaced by its keyed hash before anything is published. */
  public boolean isPersonalKey(String field) {
    return events.values().stream()
        .anyMatch(event -> "pseudonymise".equals(event.personal().get(field)));
  }
}
