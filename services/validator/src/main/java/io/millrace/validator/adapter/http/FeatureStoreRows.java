// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import io.millrace.common.serde.Json;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetException;
import io.millrace.datasets.DatasetManifest;
import io.millrace.validator.model.CandidateTrial;
import io.millrace.validator.model.EvaluationRows;
import io.millrace.validator.skew.SpanRows;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** Datasets of the feature store, every file checked against the manifest. */
public final class FeatureStoreRows implements CandidateTrial.HeldOutRows, SpanRows {
  private static final Logger LOG = LoggerFactory.getLogger(FeatureStoreRows.class);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}");
  private static final int MAX_STATUS_BYTES = 8 << 20;
  private static final long MAX_FILE_BYTES = 2L << 30;

  private static final long PAUSE_NANOS = 250_000_000;

  private final VerifiedDownload download;
  private final Duration timeout;
  private final Path folder;

  /**
   * @param folder for files while they are read
   */
  public FeatureStoreRows(
      HttpClient client, URI base, String apiKey, Path folder, Duration timeout) {
    this.download = new VerifiedDownload(client, base, apiKey, "the feature store", timeout);
    this.folder = folder;
    this.timeout = timeout;
  }

  private record Status(
      @Nullable String status, @Nullable String message, @Nullable DatasetManifest manifest) {}

  private record Accepted(@Nullable String datasetId) {}

  /** Asks for the rows of these moments and waits for them, for as long as an answer may take. */
  @Override
  public Built build(String app, long fromMs, long toMs) {
    byte[] question =
        Json.mapper().writeValueAsBytes(Map.of("fromMs", fromMs, "toMs", toMs, "evalShare", 0.0));
    String id;
    try {
      Accepted accepted =
          Json.mapper()
              .readValue(
                  download.ask("/v1/applications/" + app + "/datasets", question, MAX_STATUS_BYTES),
                  Accepted.class);
      id = String.valueOf(accepted.datasetId());
    } catch (VerifiedDownload.RefusedException e) {
      throw new DatasetException(String.valueOf(e.getMessage()), e);
    } catch (JacksonException e) {
      throw new DatasetException("the answer to the question for a dataset cannot be read", e);
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      try {
        return new Built(id, fetch(app, id).files());
      } catch (CandidateTrial.UnavailableException e) {
        if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  @Override
  public EvaluationRows fetch(String app, String datasetId) {
    if (!NAME.matcher(datasetId).matches()) {
      throw new DatasetException("'" + datasetId + "' is no dataset id");
    }
    String path = "/v1/applications/" + app + "/datasets/" + datasetId;
    try {
      DatasetManifest manifest = manifest(path, datasetId);
      Path target = folder.resolve(datasetId);
      List<Dataset> files = new ArrayList<>();
      try {
        for (DatasetManifest.ManifestFile file : manifest.files()) {
          if (!NAME.matcher(file.name()).matches()) {
            throw new DatasetException("the manifest names a file '" + file.name() + "'");
          }
          Path local = target.resolve(file.name());
          download.file(path + "/files/" + file.name(), local, file.sha256(), MAX_FILE_BYTES);
          files.add(Dataset.read(local));
        }
      } finally {
        delete(target);
      }
      if (files.isEmpty()) {
        throw new DatasetException("dataset " + datasetId + " has no files");
      }
      return new EvaluationRows(files, manifest);
    } catch (VerifiedDownload.RefusedException e) {
      throw new DatasetException(String.valueOf(e.getMessage()), e);
    }
  }

  private DatasetManifest manifest(String path, String id)
      throws VerifiedDownload.RefusedException {
    Status status;
    try {
      status = Json.mapper().readValue(download.body(path, MAX_STATUS_BYTES), Status.class);
    } catch (JacksonException e) {
      throw new DatasetException("the status of dataset " + id + " cannot be read", e);
    }
    DatasetManifest manifest = status.manifest();
    if ("READY".equals(status.status()) && manifest != null) {
      return manifest;
    }
    if ("FAILED".equals(status.status())) {
      throw new DatasetException("dataset " + id + " failed: " + status.message());
    }
    throw new CandidateTrial.UnavailableException(
        "dataset " + id + " is " + status.status() + ", not READY", null);
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      LOG.warn("dataset files stay in {}: {}", folder, e.toString());
    }
  }
}
