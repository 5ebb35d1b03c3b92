// SPDX-License-Identifier: Apache-2.0
package io.millrace.models;

import io.millrace.features.derived.DerivedFeatures;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a package says about itself, in {@code model.json}. It names everything that the weights
 * follow from and nothing else: the version number and the run id stand in the registry (the topic
 * {@code <app>.models}), so that two runs over the same data with the same seed make equal bytes.
 *
 * @param format {@value #FORMAT}
 * @param app application
 * @param task {@code binary} or {@code regression}
 * @param algorithm name of the scoring engine
 * @param weights name of the file with the weights
 * @param width number of columns that preprocessing makes of the inputs
 * @param inputs the signature, in order
 * @param derived how the inputs named {@code derived.*} are computed
 * @param viewHashes feature view → SHA-256 of its definition
 * @param dataset what it was trained on
 * @param definitionVersion version of the application definition
 * @param codeVersion version of the trainer
 * @param seed seed of search, initialisation and shuffling
 * @param parameters hyperparameters
 * @param metrics figure → value
 * @param environment library → version
 * @param files every other file of the package → SHA-256, lower-case hex
 */
public record ModelMetadata(
    String format,
    String app,
    String task,
    String algorithm,
    String weights,
    int width,
    List<ModelInput> inputs,
    DerivedFeatures.Definition derived,
    Map<String, String> viewHashes,
    Dataset dataset,
    int definitionVersion,
    String codeVersion,
    long seed,
    Map<String, Object> parameters,
    Map<String, Double> metrics,
    Map<String, String> environment,
    Map<String, String> files) {

  /** The format that this code writes and reads. */
  public static final String FORMAT = "millrace-model/1";

  public ModelMetadata {
    present(format, "format");
    present(app, "app");
    present(task, "task");
    present(algorithm, "algorithm");
    present(weights, "weights");
    present(dataset, "dataset");
    present(derived, "derived");
    present(codeVersion, "codeVersion");
    inputs = List.copyOf(present(inputs, "inputs"));
    viewHashes = sorted(viewHashes, "viewHashes");
    parameters = sorted(parameters, "parameters");
    metrics = sorted(metrics, "metrics");
    environment = sorted(environment, "environment");
    files = sorted(files, "files");
    if (inputs.isEmpty() || width < 1) {
      throw new IllegalArgumentException("it names no inputs");
    }
  }

  /**
   * The training data.
   *
   * @param id dataset id
   * @param sha256 content hash of the manifest
   * @param trainRows rows that were fitted on
   * @param evalRows rows held out
   * @param fromMs earliest prediction moment
   * @param toMs latest prediction moment
   */
  public record Dataset(
      String id, String sha256, long trainRows, long evalRows, long fromMs, long toMs) {}

  /** Names of the inputs, in order. */
  public List<String> inputNames() {
    return inputs.stream().map(ModelInput::name).toList();
  }

  ModelMetadata withFiles(Map<String, String> digests) {
    return new ModelMetadata(
        format,
        app,
        task,
        algorithm,
        weights,
        width,
        inputs,
        derived,
        viewHashes,
        dataset,
        definitionVersion,
        codeVersion,
        seed,
        parameters,
        metrics,
        environment,
        digests);
  }

  private static <V> Map<String, V> sorted(@Nullable Map<String, V> map, String name) {
    return Collections.unmodifiableMap(new TreeMap<>(present(map, name)));
  }

  /** JSON may leave out what the record's type promises. */
  private static <T> T present(@Nullable T value, String name) {
    if (value == null) {
      throw new IllegalArgumentException("it lacks '" + name + "'");
    }
    return value;
  }
}
