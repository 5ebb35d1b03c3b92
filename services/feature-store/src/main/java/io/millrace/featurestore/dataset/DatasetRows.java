// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.datasets.ClassStage;
import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetWriter;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.featurestore.dataset.DatasetPlan.FeatureColumn;
import io.millrace.featurestore.dataset.DatasetPlan.FieldColumn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the rows of a dataset, once their features are computed. Not thread-safe. */
final class DatasetRows {
  private static final int TELL_ROWS = 1000;

  private final DatasetPlan plan;
  private final Map<String, DatasetPlan.KeyPart> parts;
  private final List<String> extras;
  private final List<FieldValues> types;
  private final FeatureMatrix matrix;
  private final ClassTally tally;
  private final Map<String, Long> bySplit = new TreeMap<>();
  private final Map<String, Long> byProvenance = new TreeMap<>();
  private long labelled;
  private long positives;
  private double sum;

  /**
   * @param types of the fields, then of the extras
   * @param tally the classes of the stages before
   */
  DatasetRows(
      DatasetPlan plan,
      List<String> extras,
      List<FieldValues> types,
      FeatureMatrix matrix,
      ClassTally tally) {
    this.tally = tally;
    this.plan = plan;
    this.parts = plan.keyParts();
    this.extras = extras;
    this.types = types;
    this.matrix = matrix;
  }

  Map<String, Long> bySplit() {
    return bySplit;
  }

  DatasetManifest.LabelBalance labels() {
    return new DatasetManifest.LabelBalance(
        positives, byProvenance, labelled == 0 ? null : sum / labelled, tally.stages());
  }

  DatasetWriter.Written write(Path file, Spine spine, Splits splits, BuildProgress progress)
      throws IOException {
    try (DatasetWriter writer = new DatasetWriter(file, columns())) {
      spine.forEach(
          (row, number) -> {
            String split = splits.of(row);
            writer.row(values(row, number, split));
            bySplit.merge(split, 1L, Long::sum);
            if (row.provenance() != null) {
              byProvenance.merge(row.provenance(), 1L, Long::sum);
            }
            if (!Double.isNaN(row.label())) {
              labelled++;
              classes(split, row);
              positives += row.label() > 0.5 ? 1 : 0;
              sum += row.label();
            }
            if ((number + 1) % TELL_ROWS == 0) {
              progress.at("writing", number + 1L, spine.rows());
            }
          });
      return writer.finish();
    }
  }

  private void classes(String split, Spine.Row row) {
    tally.count(ClassStage.SAMPLED, row.label(), row.weight());
    switch (split) {
      case Splits.TRAIN -> tally.count(ClassStage.TRAIN, row.label(), row.weight());
      case Splits.EVAL -> tally.count(ClassStage.EVAL, row.label(), row.weight());
      default -> {
        // Embargoed: on neither side.
      }
    }
  }

  private List<Column> columns() {
    List<Column> columns = new ArrayList<>(DatasetPlan.FIXED);
    plan.entities().forEach(entity -> columns.add(new Column("entity." + entity, ColumnType.TEXT)));
    parts.keySet().forEach(name -> columns.add(new Column(name, ColumnType.TEXT)));
    columns.addAll(DatasetPlan.LABELS);
    for (int i = 0; i < extras.size(); i++) {
      columns.add(new Column(extras.get(i), types.get(plan.fields().size() + i).type()));
    }
    Map<String, ColumnType> byName = new LinkedHashMap<>();
    plan.features()
        .forEach(
            (name, column) ->
                byName.put(name, column.isText() ? ColumnType.TEXT : ColumnType.NUMBER));
    plan.fields().forEach((name, column) -> byName.put(name, types.get(column.index()).type()));
    for (String name : plan.derived().names()) {
      byName.put(
          DerivedFeatures.SCOPE + "." + name, new FieldValues(plan.derived().typeOf(name)).type());
    }
    for (String name : plan.names()) {
      columns.add(new Column(name, byName.getOrDefault(name, ColumnType.TEXT)));
    }
    return columns;
  }

  private @Nullable Object[] values(Spine.Row row, int number, String split) {
    List<@Nullable Object> values = new ArrayList<>();
    values.add(row.id());
    values.add(row.momentMs());
    values.add(row.knownAtMs());
    values.addAll(Arrays.asList(row.entityKeys()));
    parts.values().forEach(part -> values.add(part.in(row.entityKeys())));
    values.add(row.label());
    values.add(row.provenance());
    values.add(row.weight());
    values.add(split);
    for (int i = plan.fields().size(); i < types.size(); i++) {
      values.add(FieldValues.convert(row.fields()[i], types.get(i).type()));
    }
    Map<String, Object> derived =
        plan.derived()
            .evaluate(
                name -> {
                  FieldColumn field = plan.fields().get(name);
                  return field == null
                      ? value(plan.features().get(name), number)
                      : row.fields()[field.index()];
                });
    for (String name : plan.names()) {
      FieldColumn field = plan.fields().get(name);
      FeatureColumn feature = plan.features().get(name);
      if (field != null) {
        values.add(
            FieldValues.convert(row.fields()[field.index()], types.get(field.index()).type()));
      } else if (feature != null) {
        values.add(value(feature, number));
      } else {
        values.add(derived.get(name.substring(DerivedFeatures.SCOPE.length() + 1)));
      }
    }
    return values.toArray();
  }

  private @Nullable Object value(@Nullable FeatureColumn feature, int row) {
    if (feature == null) {
      return null;
    }
    return feature.isText()
        ? matrix.text(feature.matrix(), row)
        : matrix.number(feature.matrix(), row);
  }
}
