// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import io.millrace.common.serde.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What a dataset is made of; {@code manifest.json} beside its files. Equal inputs give equal
 * manifests, byte for byte.
 *
 * @param id follows from the request, the definition and the content
 * @param app application
 * @param definitionVersion version of the application definition
 * @param definitionHash SHA-256 of the canonical definition
 * @param codeVersion version of the software that computed the features
 * @param fromMs earliest moment, inclusive
 * @param toMs latest moment, inclusive
 * @param rows number of rows
 * @param splits split → number of rows
 * @param columns in file order
 * @param files in row order
 * @param labels balance of the label
 * @param request what was asked for
 * @param contentHash SHA-256 over the names, types and content hashes of all columns
 */
public record DatasetManifest(
    String id,
    String app,
    int definitionVersion,
    String definitionHash,
    String codeVersion,
    long fromMs,
    long toMs,
    long rows,
    Map<String, Long> splits,
    List<ManifestColumn> columns,
    List<ManifestFile> files,
    LabelBalance labels,
    Map<String, Object> request,
    String contentHash) {

  /** File name of a manifest. */
  public static final String FILE = "manifest.json";

  public DatasetManifest {
    splits = Collections.unmodifiableMap(new TreeMap<>(splits));
    columns = List.copyOf(columns);
    files = List.copyOf(files);
    request = Collections.unmodifiableMap(new TreeMap<>(request));
  }

  /** The manifest as canonical JSON. */
  public byte[] toJson() {
    return Json.canonical().writeValueAsBytes(this);
  }

  /**
   * Reads a manifest.
   *
   * @throws DatasetException where it is not one
   */
  public static DatasetManifest fromJson(byte[] json) {
    try {
      return Json.mapper().readValue(json, DatasetManifest.class);
    } catch (JacksonException e) {
      throw new DatasetException("not a dataset manifest: " + e.getOriginalMessage(), e);
    }
  }

  /** The manifest in a dataset's folder. */
  public static DatasetManifest read(Path folder) {
    try {
      return fromJson(Files.readAllBytes(folder.resolve(FILE)));
    } catch (IOException e) {
      throw new DatasetException("cannot read the manifest in " + folder, e);
    }
  }

  /**
   * One column.
   *
   * @param missing rows without a value
   * @param sha256 hash over its logical values in row order; independent of encoding and
   *     compression
   */
  public record ManifestColumn(String name, ColumnType type, long missing, String sha256) {}

  /**
   * One file.
   *
   * @param name relative to the manifest
   * @param bytes length
   * @param sha256 hash of the file
   */
  public record ManifestFile(String name, long rows, long bytes, String sha256) {}

  /**
   * How the label is distributed.
   *
   * @param positives rows whose label is greater than 0.5
   * @param provenance how labels came about → rows
   * @param mean mean label; absent without rows
   * @param stages the classes stage by stage, in the order of {@link ClassStage}'s constants;
   *     absent where the labels are too many different ones to be classes, and in datasets of
   *     before they were counted
   */
  public record LabelBalance(
      long positives,
      Map<String, Long> provenance,
      @Nullable Double mean,
      @Nullable List<ClassStage> stages) {
    public LabelBalance {
      provenance = Collections.unmodifiableMap(new TreeMap<>(provenance));
      stages = stages == null ? null : List.copyOf(stages);
    }

    /** Without stages. */
    public LabelBalance(long positives, Map<String, Long> provenance, @Nullable Double mean) {
      this(positives, provenance, mean, null);
    }
  }
}
