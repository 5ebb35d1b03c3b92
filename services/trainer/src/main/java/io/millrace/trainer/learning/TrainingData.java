// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import io.millrace.datasets.ColumnType;
import io.millrace.datasets.Dataset;
import io.millrace.features.transform.Preprocessing;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a dataset, split. Training rows are ordered by moment, so that their end is the most
 * recent part. Evaluation rows can be read by {@link #eval} alone: fitting and search take {@link
 * Part}s of the training rows, never the dataset. Rows of any other split are in neither.
 */
public final class TrainingData {
  private static final String TRAIN = "train";
  private static final String EVAL = "eval";
  private static final int CHUNK = 4_096;

  private final List<Dataset> files;
  private final List<ModelInput> inputs;
  private final Part train;
  private final Part eval;

  private TrainingData(List<Dataset> files, List<ModelInput> inputs, int[][] rows) {
    this.files = files;
    this.inputs = inputs;
    train = new Part(rows[0]);
    eval = new Part(rows[1]);
  }

  /**
   * @param files the dataset's files in order
   * @param inputNames the model's inputs in order; text columns become categories
   */
  public static TrainingData of(List<Dataset> files, List<String> inputNames) {
    List<ModelInput> inputs = new ArrayList<>();
    for (String name : inputNames) {
      boolean text = files.getFirst().type(name) == ColumnType.TEXT;
      inputs.add(new ModelInput(name, text ? ModelInput.Type.CATEGORY : ModelInput.Type.NUMBER));
    }
    int total = files.stream().mapToInt(Dataset::rows).sum();
    String[] splits = new String[total];
    String[] ids = new String[total];
    double[] moments = new double[total];
    int first = 0;
    for (Dataset file : files) {
      System.arraycopy(file.texts("split"), 0, splits, first, file.rows());
      System.arraycopy(file.texts("prediction_id"), 0, ids, first, file.rows());
      System.arraycopy(file.numbers("moment"), 0, moments, first, file.rows());
      first += file.rows();
    }
    Comparator<Integer> byMoment =
        Comparator.<Integer>comparingDouble(row -> moments[row]).thenComparing(row -> ids[row]);
    int[][] rows = new int[2][];
    for (int part = 0; part < 2; part++) {
      boolean evaluation = part == 1;
      rows[part] =
          IntStream.range(0, total)
              .filter(row -> (evaluation ? EVAL : TRAIN).equals(splits[row]))
              .boxed()
              .sorted(byMoment)
              .mapToInt(Integer::intValue)
              .toArray();
    }
    return new TrainingData(files, List.copyOf(inputs), rows);
  }

  public List<ModelInput> inputs() {
    return inputs;
  }

  /** The rows to fit on. */
  public Part train() {
    return train;
  }

  /** The rows held out. */
  public Part eval() {
    return eval;
  }

  /** Some of the rows, in an order of their own. */
  public final class Part {
    private final int[] rows;

    private Part(int[] rows) {
      this.rows = rows;
    }

    public int size() {
      return rows.length;
    }

    /** The first rows. */
    public Part head(int count) {
      return new Part(Arrays.copyOf(rows, count));
    }

    /** The rows after the first ones. */
    public Part tail(int count) {
      return new Part(Arrays.copyOfRange(rows, count, rows.length));
    }

    /** A numeric column; NaN where missing. */
    public double[] numbers(String column) {
      double[] values = new double[rows.length];
      List<double[]> columns = files.stream().map(file -> file.numbers(column)).toList();
      for (int i = 0; i < rows.length; i++) {
        int file = fileOf(rows[i]);
        values[i] = columns.get(file)[rows[i] - firstRow(file)];
      }
      return values;
    }

    /** A column as text; null where missing. */
    public @Nullable String[] texts(String column) {
      @Nullable String[] values = new @Nullable String[rows.length];
      List<@Nullable String[]> columns = new ArrayList<>();
      for (Dataset file : files) {
        columns.add(file.texts(column));
      }
      for (int i = 0; i < rows.length; i++) {
        int file = fileOf(rows[i]);
        values[i] = columns.get(file)[rows[i] - firstRow(file)];
      }
      return values;
    }

    /** A value in its column's type; null where missing. */
    public @Nullable Object value(String column, int index) {
      int file = fileOf(rows[index]);
      return files.get(file).value(column, rows[index] - firstRow(file));
    }

    public boolean has(String column) {
      return files.getFirst().has(column);
    }

    public double[] labels() {
      return numbers("label");
    }

    /** The model's raw inputs of one row. */
    public @Nullable Object[] raw(int index) {
      @Nullable Object[] row = new Object[inputs.size()];
      for (int i = 0; i < row.length; i++) {
        row[i] = value(inputs.get(i).name(), index);
      }
      return row;
    }

    /** Constants of preprocessing, fitted on these rows. */
    public Preprocessing fit(InputForm form) {
      return Preprocessing.fit(
          inputs.stream().map(form::column).toList(),
          () -> IntStream.range(0, rows.length).<@Nullable Object[]>mapToObj(this::raw).iterator());
    }

    /** These rows as the learner sees them. */
    public Matrix matrix(Preprocessing preprocessing) {
      int width = preprocessing.width();
      float[] values = new float[Math.multiplyExact(rows.length, width)];
      for (int from = 0; from < rows.length; from += CHUNK) {
        List<@Nullable Object[]> chunk = new ArrayList<>();
        for (int i = from; i < Math.min(rows.length, from + CHUNK); i++) {
          chunk.add(raw(i));
        }
        float[] part = LoadedModel.batch(preprocessing, chunk);
        System.arraycopy(part, 0, values, from * width, part.length);
      }
      return new Matrix(values, width, floats(labels()), floats(numbers("weight")));
    }
  }

  private int fileOf(int row) {
    int file = 0;
    for (int left = row; left >= files.get(file).rows(); file++) {
      left -= files.get(file).rows();
    }
    return file;
  }

  private int firstRow(int file) {
    int first = 0;
    for (int i = 0; i < file; i++) {
      first += files.get(i).rows();
    }
    return first;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
