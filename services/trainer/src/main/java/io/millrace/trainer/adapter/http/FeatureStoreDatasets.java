// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.http;

import io.millrace.chassis.http.ServiceRequest;
import io.millrace.common.serde.Json;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetException;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetOrder;
import io.millrace.datasets.DatasetOrder.LostException;
import io.millrace.models.ModelPackage;
import io.millrace.trainer.learning.UntrainableException;
import io.millrace.trainer.run.DatasetSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Datasets of the feature store: asks, polls, downloads, verifies every file against the manifest.
 * While the feature store does not answer the question is asked again, up to the limit. Where the
 * instance that has the dataset is gone (502), or none knows it any more, it is asked for anew.
 * Thread-safe.
 */
public final class FeatureStoreDatasets implements DatasetSource {
  private static final Logger LOG = LoggerFactory.getLogger(FeatureStoreDatasets.class);
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}");
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration DOWNLOAD_TIMEOUT = Duration.ofMinutes(5);
  private static final int NOT_FOUND = 404;
  private static final long NOT_FOUND_PATIENCE_MS = 30_000;
  private static final long PAUSE_NANOS = 250_000_000;

  private final HttpClient client;
  private final URI base;
  private final String apiKey;
  private final Path folder;
  private final Duration limit;
  private final InstantSource clock;

  /**
   * @param folder for files while they are read
   * @param limit longest time for one dataset, retries included
   */
  public FeatureStoreDatasets(
      HttpClient client,
      URI base,
      String apiKey,
      Path folder,
      Duration limit,
      InstantSource clock) {
    this.client = client;
    this.base = base;
    this.apiKey = apiKey;
    this.folder = folder;
    this.limit = limit;
    this.clock = clock;
  }

  private record Accepted(@Nullable String datasetId) {}

  private record Status(
      @Nullable String datasetId,
      @Nullable String status,
      @Nullable String phase,
      @Nullable Long rowsDone,
      @Nullable Long rowsAll,
      @Nullable String message,
      @Nullable DatasetManifest manifest) {}

  private record Problem(@Nullable String title, @Nullable String detail) {}

  @Override
  public Built build(String app, Request request, Consumer<String> progress)
      throws InterruptedException {
    return DatasetOrder.get(new Order(app, request, progress));
  }

  /**
   * One dataset. A feature store that has just started may not know the application or its own jobs
   * yet, so that "not found" of what was never known is final only after a while.
   */
  private final class Order implements DatasetOrder.Source<DatasetManifest, Built> {
    private final String path;
    private final Map<String, Object> body;
    private final Consumer<String> progress;
    private final long deadline = clock.millis() + limit.toMillis();
    private long patience = clock.millis() + NOT_FOUND_PATIENCE_MS;
    private boolean known;

    Order(String app, Request request, Consumer<String> progress) {
      this.path = "/v1/applications/" + app + "/datasets";
      this.body = body(request);
      this.progress = progress;
    }

    @Override
    public String ask() throws LostException, InterruptedException {
      if (known) {
        // What was lost may take a while to be known again.
        patience = clock.millis() + NOT_FOUND_PATIENCE_MS;
        known = false;
      }
      progress.accept("asking the feature store");
      String id =
          FeatureStoreDatasets.this
              .ask(post(path, body), Accepted.class, "the dataset request", deadline)
              .orElseThrow(this::unknown)
              .datasetId();
      if (id == null || !FILE_NAME.matcher(id).matches()) {
        throw new IllegalStateException("the feature store answered without a usable datasetId");
      }
      return id;
    }

    @Override
    public Optional<DatasetManifest> ready(String id) throws LostException, InterruptedException {
      Status status =
          FeatureStoreDatasets.this
              .ask(get(path + "/" + id), Status.class, "the dataset's status", deadline)
              .orElseThrow(this::unknown);
      known = true;
      switch (String.valueOf(status.status())) {
        case "READY" -> {
          if (status.manifest() == null) {
            throw new IllegalStateException("a dataset is ready but has no manifest");
          }
          return Optional.of(status.manifest());
        }
        case "FAILED" -> throw new UntrainableException("the dataset failed: " + status.message());
        default ->
            progress.accept(
                DatasetOrder.progress(
                    phase(status), rows(status.rowsDone()), rows(status.rowsAll())));
      }
      return Optional.empty();
    }

    private static String phase(Status status) {
      return status.phase() == null ? "being built" : status.phase();
    }

    private static long rows(@Nullable Long rows) {
      return rows == null ? 0 : rows;
    }

    private LostException unknown() {
      String message = "the feature store does not know " + path;
      if (!known && clock.millis() >= Math.min(deadline, patience)) {
        throw new UntrainableException(message);
      }
      LOG.warn("{}{}; asking again", message, known ? " any more" : "");
      return new LostException(message);
    }

    @Override
    public Built fetch(DatasetManifest manifest) throws LostException, InterruptedException {
      try {
        return fetched(path, manifest, progress, deadline);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot keep dataset files", e);
      }
    }

    @Override
    public void pause(String why) throws InterruptedException {
      FeatureStoreDatasets.this.pause(deadline, why);
    }
  }

  private Built fetched(
      String path, DatasetManifest manifest, Consumer<String> progress, long deadline)
      throws IOException, LostException, InterruptedException {
    String id = manifest.id();
    if (!FILE_NAME.matcher(id).matches()) {
      throw new IllegalStateException("the manifest has the unusable id '" + id + "'");
    }
    Path target = folder.resolve(id);
    try {
      Files.createDirectories(target);
      List<Dataset> files = new ArrayList<>();
      for (DatasetManifest.ManifestFile file : manifest.files()) {
        progress.accept("fetching " + file.name());
        files.add(fetch(path + "/" + id + "/files/", file, target, deadline));
      }
      if (files.isEmpty() || manifest.rows() == 0) {
        throw new UntrainableException("the dataset has no rows");
      }
      progress.accept(manifest.rows() + " rows in dataset " + id);
      return new Built(manifest, files);
    } finally {
      delete(target);
    }
  }

  private static Map<String, Object> body(Request request) {
    Map<String, Object> body = new LinkedHashMap<>();
    if (request.fromMs() != null) {
      body.put("fromMs", request.fromMs());
    }
    if (request.toMs() != null) {
      body.put("toMs", request.toMs());
    }
    body.put(
        "allowed",
        request.allowed().stream().map(each -> List.of(each.fromMs(), each.toMs())).toList());
    body.put("evalShare", request.evalShare());
    return body;
  }

  private Dataset fetch(String path, DatasetManifest.ManifestFile file, Path target, long deadline)
      throws LostException, InterruptedException {
    if (!FILE_NAME.matcher(file.name()).matches()) {
      throw new IllegalStateException("the manifest names a file '" + file.name() + "'");
    }
    Path local = target.resolve(file.name());
    while (true) {
      try {
        HttpResponse<Path> response =
            client.send(
                get(path + file.name()).timeout(DOWNLOAD_TIMEOUT).build(),
                HttpResponse.BodyHandlers.ofFile(local));
        if (response.statusCode() == 200) {
          if (Files.size(local) != file.bytes()
              || !ModelPackage.sha256(local).equals(file.sha256())) {
            throw new IOException(file.name() + " does not match its digest");
          }
          return Dataset.read(local);
        }
        if (DatasetOrder.isLost(response.statusCode())) {
          LOG.warn("{}{} is gone; asking for the dataset again", path, file.name());
          throw new LostException(path + file.name() + " is gone (" + response.statusCode() + ")");
        }
        LOG.warn("feature store answered {} for {}", response.statusCode(), file.name());
      } catch (IOException e) {
        LOG.warn("fetching {}: {}", file.name(), e.toString());
      } catch (DatasetException e) {
        throw new UntrainableException("the dataset cannot be read: " + e.getMessage());
      }
      pause(deadline, file.name() + " could not be fetched");
    }
  }

  /**
   * Asks until there is an answer; empty for "not found" and, to a read, for "on an instance that
   * is gone"; other client errors are final.
   */
  private <T> Optional<T> ask(
      HttpRequest.Builder builder, Class<T> type, String what, long deadline)
      throws InterruptedException {
    HttpRequest request = builder.timeout(REQUEST_TIMEOUT).build();
    boolean isRead = request.method().equals("GET");
    while (true) {
      String trouble;
      try {
        HttpResponse<byte[]> response =
            client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        int code = response.statusCode();
        if (code >= 200 && code < 300) {
          return Optional.of(Json.mapper().readValue(response.body(), type));
        }
        if (code == NOT_FOUND || (isRead && DatasetOrder.isLost(code))) {
          return Optional.empty();
        }
        trouble = "the feature store answered " + code;
        if (code >= 400 && code < 500 && code != 429) {
          throw new UntrainableException(
              "the feature store refused %s: %s".formatted(what, detail(response.body(), code)));
        }
      } catch (IOException e) {
        trouble = "the feature store does not answer (" + e + ")";
      } catch (JacksonException e) {
        throw new IllegalStateException(what + " has an answer that is no JSON of its kind", e);
      }
      LOG.warn("{}; asking again", trouble);
      pause(deadline, trouble);
    }
  }

  private static String detail(byte[] body, int code) {
    try {
      Problem problem = Json.mapper().readValue(body, Problem.class);
      return problem == null || problem.detail() == null ? "status " + code : problem.detail();
    } catch (JacksonException e) {
      return "status " + code;
    }
  }

  private void pause(long deadline, String trouble) throws InterruptedException {
    if (clock.millis() >= deadline) {
      throw new IllegalStateException(trouble + " within " + limit);
    }
    LockSupport.parkNanos(PAUSE_NANOS);
    if (Thread.interrupted()) {
      throw new InterruptedException("stopped while waiting for a dataset");
    }
  }

  private HttpRequest.Builder get(String path) {
    return request(path).GET();
  }

  private HttpRequest.Builder post(String path, Map<String, Object> body) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.mapper().writeValueAsBytes(body)));
  }

  private HttpRequest.Builder request(String path) {
    return ServiceRequest.to(base, path, apiKey);
  }

  private static void delete(Path target) {
    try (Stream<Path> files = Files.list(target)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(target);
    } catch (IOException e) {
      LOG.warn("dataset files stay in {}: {}", target, e.toString());
    }
  }
}
