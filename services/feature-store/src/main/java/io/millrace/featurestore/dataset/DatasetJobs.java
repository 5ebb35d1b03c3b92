// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.datasets.DatasetManifest;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds datasets one after the other and keeps them in a folder, {@code <folder>/<app>/<id>}. The
 * id follows from the request, the definition and how far the data are, so that the same question
 * about the same data is answered by the dataset that is there. Thread-safe.
 */
public final class DatasetJobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetJobs.class);
  private static final int WAITING_MAX = 16;
  private static final Pattern ID = Pattern.compile("ds-[0-9a-f]{12}");
  private static final Pattern APP = Pattern.compile("[a-z0-9-]{1,40}");

  private final DatasetBuilder builder;
  private final Settled settled;
  private final Path folder;
  private final Map<String, Job> jobs = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1,
          1,
          1,
          TimeUnit.MINUTES,
          new ArrayBlockingQueue<>(WAITING_MAX),
          Thread.ofPlatform().name("dataset-builder").factory());

  /** Knows how far the features are. */
  @FunctionalInterface
  public interface Settled {
    /**
     * Waits until everything that was accepted by now is in the history and the labels.
     *
     * @throws IllegalStateException where that does not go on
     */
    void await(String app) throws InterruptedException;
  }

  /** How a build is. */
  public enum Status {
    RUNNING,
    READY,
    FAILED
  }

  /**
   * A build.
   *
   * @param message why it failed
   */
  public record Job(
      String datasetId,
      Status status,
      long rowsDone,
      @Nullable String message,
      @Nullable DatasetManifest manifest) {}

  public DatasetJobs(DatasetBuilder builder, Settled settled, Path folder) {
    this.builder = builder;
    this.settled = settled;
    this.folder = folder;
  }

  /**
   * Starts a build, unless it is running or done.
   *
   * @param dataVersion what changes when there are more data
   * @return the dataset's id
   * @throws RejectedExecutionException where too many builds are waiting
   */
  public String submit(
      ApplicationApplied applied,
      Generation generation,
      LabelRule rule,
      DatasetRequest request,
      String dataVersion) {
    String id =
        "ds-"
            + Generation.shortHash(
                applied.app()
                    + '\n'
                    + applied.hash()
                    + '\n'
                    + rule.hash()
                    + '\n'
                    + request.asMap()
                    + '\n'
                    + dataVersion);
    Path target = folder.resolve(applied.app()).resolve(id);
    AtomicBoolean isNew = new AtomicBoolean();
    jobs.compute(
        id,
        (key, before) -> {
          isNew.set(before == null || before.status() == Status.FAILED);
          return before == null || before.status() == Status.FAILED
              ? new Job(id, Status.RUNNING, 0, null, null)
              : before;
        });
    if (!isNew.get()) {
      return id;
    }
    if (Files.exists(target.resolve(DatasetManifest.FILE))) {
      ready(id, DatasetManifest.read(target));
      return id;
    }
    try {
      executor.execute(() -> run(id, applied, generation, rule, request, target));
    } catch (RejectedExecutionException e) {
      jobs.remove(id);
      throw e;
    }
    return id;
  }

  private void run(
      String id,
      ApplicationApplied applied,
      Generation generation,
      LabelRule rule,
      DatasetRequest request,
      Path target) {
    try {
      Files.createDirectories(target);
      settled.await(applied.app());
      long start = System.nanoTime();
      DatasetManifest manifest =
          builder.build(
              id,
              applied,
              generation,
              rule,
              request,
              target,
              rows -> jobs.put(id, new Job(id, Status.RUNNING, rows, null, null)));
      LOG.info(
          "dataset {} of {}: {} rows, {} columns in {} ms",
          id,
          applied.app(),
          manifest.rows(),
          manifest.columns().size(),
          (System.nanoTime() - start) / 1_000_000);
      ready(id, manifest);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failed(id, "the service stopped");
    } catch (IOException | RuntimeException e) {
      LOG.error("dataset {} of {} failed", id, applied.app(), e);
      failed(id, String.valueOf(e.getMessage()));
    }
  }

  private void ready(String id, DatasetManifest manifest) {
    jobs.put(id, new Job(id, Status.READY, manifest.rows(), null, manifest));
  }

  private void failed(String id, String message) {
    jobs.put(id, new Job(id, Status.FAILED, 0, message, null));
  }

  /** A build of this process, or a dataset of an earlier one. */
  public Optional<Job> find(String app, String id) {
    if (!ID.matcher(id).matches() || !APP.matcher(app).matches()) {
      return Optional.empty();
    }
    Path target = folder.resolve(app).resolve(id);
    Job job = jobs.get(id);
    if (job == null && Files.exists(target.resolve(DatasetManifest.FILE))) {
      DatasetManifest manifest = DatasetManifest.read(target);
      ready(id, manifest);
      job = jobs.get(id);
    }
    return Optional.ofNullable(job)
        .filter(each -> each.manifest() == null || each.manifest().app().equals(app));
  }

  /** A file of a finished dataset; only the manifest and what it names. */
  public Optional<Path> file(String app, String id, String name) {
    return find(app, id)
        .flatMap(job -> Optional.ofNullable(job.manifest()))
        .filter(
            manifest ->
                name.equals(DatasetManifest.FILE)
                    || manifest.files().stream().anyMatch(file -> file.name().equals(name)))
        .map(manifest -> folder.resolve(app).resolve(id).resolve(name))
        .filter(Files::isRegularFile);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
