// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.definition.ApplicationDefinition;
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
import java.util.Objects;
import java.util.Set;

/**
 * The columns of an application's datasets: the fixed ones, the entities, then model inputs,
 * slices, and what heuristics read. Immutable.
 *
 * @param entities in the order of the definition
 * @param features columns that come from feature views
 * @param fields columns that come from the deciding event
 * @param derived features computed from the columns that it reads
 * @param names all feature, field and derived columns in file order
 */
record DatasetPlan(
    Generation generation,
    LabelDefinition label,
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

  /** The columns of a definition; it must have a label. */
  static DatasetPlan of(Generation generation) {
    ApplicationDefinition definition = generation.definition();
    LabelDefinition label = Objects.requireNonNull(definition.label());
    Set<String> names = new LinkedHashSet<>(definition.modelInputs());
    if (definition.gates() != null) {
      for (String slice : definition.gates().slices()) {
        names.add(slice.indexOf('.') < 0 ? FeatureScopes.EVENT + "." + slice : slice);
      }
    }
    Map<String, EventSchema> scopes = FeatureScopes.of(definition, generation.plans());
    DerivedFeatures all = DerivedFeatures.compile(definition.derivedFeatures(), scopes);
    scopes.put(DerivedFeatures.SCOPE, all.schema());
    if (definition.model() != null) {
      definition
          .model()
          .heuristics()
          .values()
          .forEach(cel -> names.addAll(Expressions.compile(cel, scopes).fields()));
    }
    DerivedFeatures derived = all.neededBy(names);
    names.addAll(derived.reads());
    EventSchema schema = definition.event(label.decidedAt()).eventSchema();
    Map<String, FeatureColumn> features = new LinkedHashMap<>();
    Map<String, FieldColumn> fields = new LinkedHashMap<>();
    for (String name : names) {
      int dot = name.indexOf('.');
      String scope = name.substring(0, dot);
      String rest = name.substring(dot + 1);
      if (scope.equals(DerivedFeatures.SCOPE)) {
        continue;
      }
      if (scope.equals(FeatureScopes.EVENT)) {
        fields.put(name, new FieldColumn(rest, schema.typeOf(rest), fields.size()));
        continue;
      }
      Generation.Place place = generation.find(scope);
      int feature = place == null ? -1 : place.plan().featureNames().indexOf(rest);
      if (place == null || feature < 0) {
        throw new IllegalArgumentException("there is no feature '" + name + "'");
      }
      features.put(name, new FeatureColumn(place.group(), place.plan(), feature, features.size()));
    }
    return new DatasetPlan(
        generation,
        label,
        List.copyOf(definition.entities().keySet()),
        features,
        fields,
        derived,
        new ArrayList<>(names));
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
    return !label.seesDecidingEvent() && group.source().equals(label.decidedAt());
  }
}
