// SPDX-License-Identifier: Apache-2.0
package io.millrace.models;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.serde.Json;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.transform.FittedColumn;
import io.millrace.features.transform.Preprocessing;
import io.millrace.models.engine.Device;
import io.millrace.models.engine.Engines;
import io.millrace.models.engine.Scorer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A package in memory, ready to score raw rows: the preprocessing of training, then the engine.
 * Loading warms it up. Thread-safe; {@link #close} frees native memory once the calls in flight
 * have returned.
 */
public final class LoadedModel implements AutoCloseable {
  /** Largest difference that the input example may show on another machine. */
  public static final double TOLERANCE = 1e-6;

  private static final int WARM_UP_CALLS = 20;

  private final ModelMetadata metadata;
  private final Preprocessing preprocessing;
  private final Scorer scorer;
  private final InputExample example;
  private final ReferenceProfile profile;
  private final DerivedFeatures derived;

  private LoadedModel(
      ModelMetadata metadata,
      Preprocessing preprocessing,
      Scorer scorer,
      InputExample example,
      ReferenceProfile profile,
      DerivedFeatures derived) {
    this.metadata = metadata;
    this.derived = derived;
    this.preprocessing = preprocessing;
    this.scorer = scorer;
    this.example = example;
    this.profile = profile;
  }

  /** Loads a package file on the {@linkplain Device#configured configured} device. */
  public static LoadedModel load(Path file) {
    return load(file, Device.configured());
  }

  /**
   * Loads a package file.
   *
   * @throws InvalidPackageException where the file is not a usable package; says what is wrong
   */
  public static LoadedModel load(Path file, Device device) {
    return of(ModelPackage.read(file), device);
  }

  /** Loads a package that is in memory. */
  public static LoadedModel of(ModelPackage source, Device device) {
    ModelMetadata metadata = source.metadata();
    Preprocessing preprocessing = source.json(ModelPackage.PREPROCESSING, Preprocessing.class);
    List<String> fitted = preprocessing.columns().stream().map(FittedColumn::name).toList();
    if (!fitted.equals(metadata.inputNames())) {
      throw new InvalidPackageException("the preprocessing was fitted for other inputs");
    }
    if (preprocessing.width() != metadata.width()) {
      throw new InvalidPackageException(
          "the preprocessing makes %d columns, the model has %d"
              .formatted(preprocessing.width(), metadata.width()));
    }
    InputExample example = source.inputExample();
    ReferenceProfile profile = source.referenceProfile();
    DerivedFeatures derived = derived(metadata);
    Scorer scorer;
    try {
      scorer =
          Engines.of(metadata.algorithm())
              .load(source.required(metadata.weights()), metadata.width(), device);
    } catch (IllegalArgumentException e) {
      throw new InvalidPackageException("'" + metadata.weights() + "': " + e.getMessage(), e);
    }
    LoadedModel model = new LoadedModel(metadata, preprocessing, scorer, example, profile, derived);
    try {
      model.warmUp();
    } catch (RuntimeException e) {
      scorer.close();
      throw e instanceof InvalidPackageException
          ? e
          : new InvalidPackageException("cannot score its own example: " + e.getMessage(), e);
    }
    return model;
  }

  private static DerivedFeatures derived(ModelMetadata metadata) {
    DerivedFeatures derived;
    try {
      derived = DerivedFeatures.of(metadata.derived());
    } catch (DerivedFeatures.InvalidException e) {
      throw new InvalidPackageException(String.valueOf(e.getMessage()), e);
    }
    for (String input : metadata.inputNames()) {
      String prefix = DerivedFeatures.SCOPE + ".";
      if (input.startsWith(prefix) && !derived.names().contains(input.substring(prefix.length()))) {
        throw new InvalidPackageException("it does not say how '" + input + "' is computed");
      }
    }
    return derived;
  }

  public ModelMetadata metadata() {
    return metadata;
  }

  /** Computes the inputs named {@code derived.*}. */
  public DerivedFeatures derived() {
    return derived;
  }

  public ReferenceProfile referenceProfile() {
    return profile;
  }

  public InputExample inputExample() {
    return example;
  }

  /**
   * Scores raw rows.
   *
   * @param rows values in the order of {@link ModelMetadata#inputs}: String, Number, Boolean or
   *     null; NaN is missing, and so is a text that is no number where a number is due (as in
   *     training)
   * @return the probability of the positive class, or the regression value, per row
   * @throws IllegalArgumentException where a row has another number of values
   */
  public double[] score(List<? extends @Nullable Object[]> rows) {
    return scorer.score(batch(preprocessing, rows), rows.size());
  }

  /** Raw rows as an engine takes them: transformed, one after the other. */
  public static float[] batch(
      Preprocessing preprocessing, List<? extends @Nullable Object[]> rows) {
    int width = preprocessing.width();
    float[] batch = new float[Math.multiplyExact(rows.size(), width)];
    float[] out = new float[width];
    int at = 0;
    for (@Nullable Object[] row : rows) {
      preprocessing.apply(row, out);
      System.arraycopy(out, 0, batch, at, width);
      at += width;
    }
    return batch;
  }

  /** Scores one row given by input name; an absent input is missing, other names are ignored. */
  public double score(Map<String, ?> values) {
    @Nullable Object[] row = new Object[metadata.inputs().size()];
    for (int i = 0; i < row.length; i++) {
      row[i] = values.get(metadata.inputs().get(i).name());
    }
    return score(List.<@Nullable Object[]>of(row))[0];
  }

  /**
   * Scores the package's own example and compares.
   *
   * @return the largest difference, at most {@link #TOLERANCE}
   * @throws InvalidPackageException where a score differs by more
   */
  public double verifyInputExample() {
    double[] scores = score(example.rowArrays());
    double largest = 0;
    for (int i = 0; i < scores.length; i++) {
      double difference = Math.abs(scores[i] - example.scores().get(i));
      if (!(difference <= TOLERANCE)) {
        throw new InvalidPackageException(
            "row %d of its example scores %s here, %s at the trainer"
                .formatted(i, scores[i], example.scores().get(i)));
      }
      largest = Math.max(largest, difference);
    }
    return largest;
  }

  @Override
  public void close() {
    scorer.close();
  }

  /**
   * What a learner has made, put together as a package; the engine is loaded once for the scores of
   * the example.
   *
   * @param exampleRows raw rows for the input example, at least one
   */
  public static ModelPackage pack(
      ModelMetadata metadata,
      Preprocessing preprocessing,
      byte[] weights,
      List<@Nullable Object[]> exampleRows,
      ReferenceProfile profile) {
    double[] scores;
    try (Scorer scorer =
        Engines.of(metadata.algorithm()).load(weights, metadata.width(), Device.CPU)) {
      scores = scorer.score(batch(preprocessing, exampleRows), exampleRows.size());
    }
    Map<String, byte[]> files = new TreeMap<>();
    files.put(ModelPackage.PREPROCESSING, Json.canonical().writeValueAsBytes(preprocessing));
    files.put(metadata.weights(), weights);
    files.put(
        ModelPackage.INPUT_EXAMPLE,
        Json.canonical().writeValueAsBytes(InputExample.of(exampleRows, scores)));
    // Not canonical: the order of inputs and of categories means something.
    files.put(ModelPackage.REFERENCE_PROFILE, Json.mapper().writeValueAsBytes(profile));
    return ModelPackage.of(metadata, files);
  }

  private void warmUp() {
    List<@Nullable Object[]> rows = example.rowArrays();
    if (rows.isEmpty()) {
      throw new InvalidPackageException("'" + ModelPackage.INPUT_EXAMPLE + "' has no rows");
    }
    for (int i = 0; i < WARM_UP_CALLS; i++) {
      score(rows);
      score(rows.subList(0, 1));
    }
  }
}
