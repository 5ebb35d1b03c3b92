// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import io.millrace.common.serde.Json;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetException;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetOrder;
import io.millrace.datasets.DatasetOrder.LostException;
import io.millrace.validator.model.CandidateTrial;
import io.millrace.validator.model.CandidateTrial.UnavailableException;
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
import java.util.Optional;
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

  /**
   * Asks for the rows of these moments and waits for them, for as long as an answer may take. What
   * is lost with the instance that has it is asked for anew.
   */
  @Override
  public Built build(String app, long fromMs, long toMs) {
    try {
      return DatasetOrder.get(new Order(app, fromMs, toMs));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while waiting for a dataset", e);
    }
  }

  /** One dataset that is asked for. */
  private final class Order implements DatasetOrder.Source<DatasetManifest, Built> {
    private final String path;
    private final byte[] question;
    private final long deadline = System.nanoTime() + timeout.toNanos();

    Order(String app, long fromMs, long toMs) {
      this.path = datasets(app);
      this.question =
          Json.mapper().writeValueAsBytes(Map.of("fromMs", fromMs, "toMs", toMs, "evalShare", 0.0));
    }

    @Override
    public String ask() {
      try {
        byte[] answer = download.ask(path, question, MAX_STATUS_BYTES);
        return checked(String.valueOf(Json.mapper().readValue(answer, Accepted.class).datasetId()));
      } catch (VerifiedDownload.RefusedException e) {
        throw new DatasetException(String.valueOf(e.getMessage()), e);
      } catch (JacksonException e) {
        throw new DatasetException("the answer to the question for a dataset cannot be read", e);
      }
    }

    @Override
    public Optional<DatasetManifest> ready(String id) throws LostException {
      try {
        return Optional.of(manifest(path + "/" + id, id));
      } catch (VerifiedDownload.RefusedException e) {
        throw lostOr(new DatasetException(String.valueOf(e.getMessage()), e), e);
      } catch (UnavailableException e) {
        if (e.getCause() instanceof LostException lost) {
          throw lost;
        }
        LOG.debug("dataset {} is asked for again", id, e);
        return Optional.empty();
      }
    }

    @Override
    public Built fetch(DatasetManifest ready) throws LostException {
      try {
        return new Built(ready.id(), files(path, ready));
      } catch (VerifiedDownload.RefusedException e) {
        throw lostOr(new DatasetException(String.valueOf(e.getMessage()), e), e);
      } catch (UnavailableException e) {
        throw lostOr(e, e);
      }
    }

    /** To be thrown: throws itself where a dataset is lost. */
    private static <T> T lostOr(T otherwise, Exception failure) throws LostException {
      if (failure.getCause() instanceof LostException lost) {
        throw lost;
      }
      return otherwise;
    }

    @Override
    public void pause(String why) {
      if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
        throw new UnavailableException(why + " within " + timeout, null);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  @Override
  public EvaluationRows fetch(String app, String datasetId) {
    try {
      DatasetManifest manifest = manifest(datasets(app) + "/" + checked(datasetId), datasetId);
      return new EvaluationRows(files(datasets(app), manifest), manifest);
    } catch (VerifiedDownload.RefusedException e) {
      throw new DatasetException(String.valueOf(e.getMessage()), e);
    }
  }

  private static String datasets(String app) {
    return "/v1/applications/" + app + "/datasets";
  }

  private static String checked(String datasetId) {
    if (!NAME.matcher(datasetId).matches()) {
      throw new DatasetException("'" + datasetId + "' is no dataset id");
    }
    return datasetId;
  }

  private List<Dataset> files(String path, DatasetManifest manifest)
      throws VerifiedDownload.RefusedException {
    String id = checked(manifest.id());
    Path target = folder.resolve(id);
    List<Dataset> files = new ArrayList<>();
    try {
      for (DatasetManifest.ManifestFile file : manifest.files()) {
        if (!NAME.matcher(file.name()).matches()) {
          throw new DatasetException("the manifest names a file '" + file.name() + "'");
        }
        Path local = target.resolve(file.name());
        download.file(
            path + "/" + id + "/files/" + file.name(), local, file.sha256(), MAX_FILE_BYTES);
        files.add(Dataset.read(local));
      }
    } finally {
      delete(target);
    }
    if (files.isEmpty()) {
      throw new DatasetException("dataset " + id + " has no files");
    }
    return files;
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
    throw new UnavailableException(
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
