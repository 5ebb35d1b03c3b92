// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.datasets.ColumnType;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetManifest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of a dataset that no model was fitted on, with the base rate of those it was. */
public final class EvaluationRows {
  private static final String EVAL = "eval";
  private static final String TRAIN = "train";

  private final List<Place> places = new ArrayList<>();
  private final List<Dataset> files;
  private final double trainMean;
  private final @Nullable DatasetManifest manifest;

  private record Place(Dataset file, int row) {}

  /**
   * @param files the dataset's files in order, at least one
   */
  public EvaluationRows(List<Dataset> files) {
    this(files, null);
  }

  /**
   * @param files the dataset's files in order, at least one
   * @param manifest what they are made of; null where it is not known
   */
  public EvaluationRows(List<Dataset> files, @Nullable DatasetManifest manifest) {
    this.manifest = manifest;
    this.files = List.copyOf(files);
    double sum = 0;
    long count = 0;
    for (Dataset file : files) {
      @Nullable String[] splits = file.texts("split");
      double[] labels = file.numbers("label");
      for (int row = 0; row < file.rows(); row++) {
        if (EVAL.equals(splits[row])) {
          places.add(new Place(file, row));
        } else if (TRAIN.equals(splits[row]) && Double.isFinite(labels[row])) {
          sum += labels[row];
          count++;
        }
      }
    }
    trainMean = count == 0 ? Double.NaN : sum / count;
  }

  public int size() {
    return places.size();
  }

  /** Mean label of the training rows; NaN without any. */
  public double trainMean() {
    return trainMean;
  }

  /** Labels in row order. */
  public double[] labels() {
    double[] labels = new double[size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = value("label", i) instanceof Number number ? number.doubleValue() : Double.NaN;
    }
    return labels;
  }

  /** The whole dataset, training rows included. */
  public List<Dataset> files() {
    return files;
  }

  /** What the rows are made of; null where it is not known. */
  public @Nullable DatasetManifest manifest() {
    return manifest;
  }

  public boolean has(String column) {
    return files.getFirst().has(column);
  }

  /** A value in its column's type; null where missing. */
  public @Nullable Object value(String column, int row) {
    Place place = places.get(row);
    return place.file().value(column, place.row());
  }

  /** Column → type. */
  public Map<String, ColumnType> columns() {
    Map<String, ColumnType> columns = new LinkedHashMap<>();
    files.getFirst().columns().forEach(column -> columns.put(column.name(), column.type()));
    return Collections.unmodifiableMap(columns);
  }
}
