// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EntityKey;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.expression.Expressions;
import io.millrace.features.view.FeatureKind;
import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns of an application's datasets: the fixed ones, the entities, then model inputs,
 * slices, and what heuristics read. Immutable.
 *
 * @param label whose deciding events the rows are; null where the rows come from a file
 * @param entities in the order of the definition
 * @param features columns that come from feature views
 * @param fields columns that come from the deciding event
 * @param derived features computed from the columns that it reads
 * @param names all feature, field and derived columns in file order
 */
record DatasetPlan(
    Generation generation,
    @Nullable LabelDefinition label,
    List<String> entities,
    Map<String, FeatureColumn> features,
    Map<String, FieldColumn> fields,
    DerivedFeatures derived,
    List<String> names) {
  static final List<Column> FIXED =
      List.of(
          new Column("prediction_id", ColumnType.TEXT),
          new Column("moment", ColumnType.TIMESTAMP),
          new Column("known_at", ColumnType.TIMESTAMP));
  static final List<Column> LABELS =
      List.of(
          new Column("label", ColumnType.NUMBER),
          new Column("label_provenance", ColumnType.TEXT),
          new Column("weight", ColumnType.NUMBER),
          new Column("split", ColumnType.TEXT));

  /**
   * A feature.
   *
   * @param matrix index of the column among the feature columns
   */
  record FeatureColumn(FeatureGroup group, ViewPlan plan, int feature, int matrix) {
    boolean isText() {
      return plan.kindOf(feature) != FeatureKind.NUMBER;
    }
  }

  /**
   * A field of the deciding event.
   *
   * @param index of the column among the field columns
   */
  record FieldColumn(String field, FieldType type, int index) {}

  /**
   * The columns that a request asks for.
   *
   * @throws IllegalArgumentException where there is no such feature
   */
  static DatasetPlan of(Generation generation, DatasetRequest request) {
    ApplicationDefinition definition = generation.definition();
    LabelDefinition label = definition.label();
    Map<String, EventSchema> scopes = FeatureScopes.of(definition, generation.plans());
    DerivedFeatures all = DerivedFeatures.compile(definition.derivedFeatures(), scopes);
    scopes.put(DerivedFeatures.SCOPE, all.schema());
    Set<String> names =
        request.features() == null
            ? usual(generation, scopes)
            : new LinkedHashSet<>(request.features());
    for (String name : names) {
      if (name.startsWith(DerivedFeatures.SCOPE + ".")
          && !definition
              .derivedFeatures()
              .containsKey(name.substring(DerivedFeatures.SCOPE.length() + 1))) {
        throw unknown(name);
      }
    }
    DerivedFeatures derived = all.neededBy(names);
    names.addAll(derived.reads());
    EventSchema schema = label == null ? null : definition.event(label.decidedAt()).eventSchema();
    Map<String, FeatureColumn> features = new LinkedHashMap<>();
    Map<String, FieldColumn> fields = new LinkedHashMap<>();
    for (String name : names) {
      int dot = name.indexOf('.');
      if (dot < 1) {
        throw unknown(name);
      }
      String scope = name.substring(0, dot);
      String rest = name.substring(dot + 1);
      if (scope.equals(DerivedFeatures.SCOPE)) {
        continue;
      }
      if (scope.equals(FeatureScopes.EVENT)) {
        FieldType type = schema == null ? FieldType.DYNAMIC : schema.typeOf(rest);
        fields.put(name, new FieldColumn(rest, type, fields.size()));
        continue;
      }
      Generation.Place place = generation.find(scope);
      int feature = place == null ? -1 : place.plan().featureNames().indexOf(rest);
      if (place == null || feature < 0) {
        throw unknown(name);
      }
      features.put(name, new FeatureColumn(place.group(), place.plan(), feature, features.size()));
    }
    return new DatasetPlan(
        generation,
        request.spine() == null ? label : null,
        List.copyOf(definition.entities().keySet()),
        features,
        fields,
        derived,
        new ArrayList<>(names));
  }

  /** What the model takes and its gates and heuristics read; all features without a model. */
  private static Set<String> usual(Generation generation, Map<String, EventSchema> scopes) {
    ApplicationDefinition definition = generation.definition();
    Set<String> names = new LinkedHashSet<>(definition.modelInputs());
    if (definition.gates() != null) {
      for (String slice : definition.gates().slices()) {
        names.add(slice.indexOf('.') < 0 ? FeatureScopes.EVENT + "." + slice : slice);
      }
    }
    if (definition.model() == null) {
      generation
          .plans()
          .forEach(
              plan -> plan.featureNames().forEach(name -> names.add(plan.viewName() + "." + name)));
    } else {
      definition
          .model()
          .heuristics()
          .values()
          .forEach(cel -> names.addAll(Expressions.compile(cel, scopes).fields()));
    }
    return names;
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException("features: there is no feature '" + name + "'");
  }

  /** The keys of a row in the order of the entities; null where it has none. */
  @Nullable String[] keys(Map<String, String> byEntity) {
    @Nullable String[] keys = new String[entities.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = byEntity.get(entities.get(i));
    }
    return keys;
  }

  /**
   * A part of the key of an entity.
   *
   * @param entity its index
   * @param part its index in the key
   */
  record KeyPart(int entity, EntityKey key, int part) {
    /** The part that a row has; null where it has no such entity. */
    @Nullable String in(@Nullable String[] keys) {
      String text = keys[entity];
      return text == null ? null : key.split(text).get(part);
    }
  }

  /** Column → part of a key of several fields, in the order of the entities. */
  Map<String, KeyPart> keyParts() {
    Map<String, KeyPart> parts = new LinkedHashMap<>();
    for (int i = 0; i < entities.size(); i++) {
      EntityDefinition entity = generation.definition().entities().get(entities.get(i));
      EntityKey key = entity == null ? null : entity.key();
      if (key != null && key.isComposite()) {
        for (int part = 0; part < key.fields().size(); part++) {
          parts.put(
              "entity." + entities.get(i) + "." + key.fields().get(part),
              new KeyPart(i, key, part));
        }
      }
    }
    return parts;
  }

  /** The groups whose history is needed, each with its columns. */
  Map<FeatureGroup, List<FeatureColumn>> groups() {
    Map<FeatureGroup, List<FeatureColumn>> groups = new LinkedHashMap<>();
    features
        .values()
        .forEach(
            column -> groups.computeIfAbsent(column.group(), key -> new ArrayList<>()).add(column));
    return groups;
  }

  /** Whether a group's history holds deciding events that their own rows must not see. */
  boolean hidesDecidingEvent(FeatureGroup group) {
    return label != null && !label.seesDecidingEvent() && group.source().equals(label.decidedAt());
  }
}
