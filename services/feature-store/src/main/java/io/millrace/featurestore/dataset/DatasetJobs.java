// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.datasets.DatasetManifest;
import io.millrace.featurestore.dataset.JobStore.Saved;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
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
 * about the same data is answered by the dataset that is there. What was being built when the
 * process ended is gone on with. Thread-safe.
 */
public final class DatasetJobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetJobs.class);
  private static final int WAITING_MAX = 16;
  private static final int RECENT_MAX = 20;
  private static final Pattern ID = Pattern.compile("ds-[0-9a-f]{12}");
  private static final Pattern APP = Pattern.compile("[a-z0-9-]{1,40}");

  private final DatasetBuilder builder;
  private final Spines spines;
  private final JobStore store;
  private final Settled settled;
  private final Path folder;
  private final Map<String, Job> jobs = new ConcurrentHashMap<>();

  /** Application → ids that were asked for, the newest first; each under its own lock. */
  private final Map<String, Deque<String>> recent = new ConcurrentHashMap<>();

  /** Builds of the process before; under its own lock. */
  private final Queue<Saved> unfinished;

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
   * @param phase what it is doing, for people
   * @param rowsDone of this phase
   * @param rowsAll of this phase; 0 where not known
   * @param message why it failed
   */
  public record Job(
      String datasetId,
      Status status,
      String phase,
      long rowsDone,
      long rowsAll,
      @Nullable String message,
      @Nullable DatasetManifest manifest) {}

  public DatasetJobs(
      DatasetBuilder builder, Spines spines, JobStore store, Settled settled, Path folder) {
    this.builder = builder;
    this.spines = spines;
    this.store = store;
    this.settled = settled;
    this.folder = folder;
    this.unfinished = new ArrayDeque<>(store.unfinished());
    for (Saved job : unfinished) {
      running(job.id(), "waiting for the features after a restart", 0, 0);
      asked(job.applied().app(), job.id());
    }
  }

  private void asked(String app, String id) {
    Deque<String> ids = recent.computeIfAbsent(app, key -> new ArrayDeque<>());
    synchronized (ids) {
      ids.remove(id);
      ids.addFirst(id);
      if (ids.size() > RECENT_MAX) {
        ids.removeLast();
      }
    }
  }

  /** The last builds that this process was asked for, the newest first, without manifests. */
  public List<Job> recent(String app) {
    Deque<String> ids = recent.getOrDefault(app, new ArrayDeque<>());
    List<String> now;
    synchronized (ids) {
      now = List.copyOf(ids);
    }
    List<Job> found = new ArrayList<>();
    for (String id : now) {
      Job job = jobs.get(id);
      if (job != null) {
        found.add(
            new Job(
                id, job.status(), job.phase(), job.rowsDone(), job.rowsAll(), job.message(), null));
      }
    }
    return found;
  }

  private void running(String id, String phase, long done, long all) {
    jobs.put(id, new Job(id, Status.RUNNING, phase, done, all, null, null));
  }

  /**
   * Starts a build, unless it is running or done.
   *
   * @param rule null where the application has no label; then the request names a file
   * @param dataVersion what changes when there are more data
   * @return the dataset's id
   * @throws RejectedExecutionException where too many builds are waiting
   * @throws IllegalArgumentException where the request cannot be built, naming the field
   */
  public String submit(
      ApplicationApplied applied,
      Generation generation,
      @Nullable LabelRule rule,
      DatasetRequest request,
      String dataVersion)
      throws IOException {
    spines.check(request, DatasetPlan.of(generation, request));
    String id = id(applied, rule, request, dataVersion);
    Path target = target(applied.app(), id);
    AtomicBoolean isNew = new AtomicBoolean();
    jobs.compute(
        id,
        (key, before) -> {
          isNew.set(before == null || before.status() == Status.FAILED);
          return before == null || before.status() == Status.FAILED
              ? new Job(id, Status.RUNNING, "waiting", 0, 0, null, null)
              : before;
        });
    asked(applied.app(), id);
    if (!isNew.get()) {
      return id;
    }
    if (Files.exists(target.resolve(DatasetManifest.FILE))) {
      ready(id, DatasetManifest.read(target));
      return id;
    }
    try {
      Saved job = new Saved(id, applied, request);
      store.save(job);
      executor.execute(() -> run(job, generation, rule));
    } catch (RejectedExecutionException | IOException e) {
      jobs.remove(id);
      store.ended(applied.app(), id);
      throw e;
    }
    return id;
  }

  /** What the dataset that answers a request is called, the same on every instance. */
  public static String id(
      ApplicationApplied applied,
      @Nullable LabelRule rule,
      DatasetRequest request,
      String dataVersion) {
    return "ds-"
        + Generation.shortHash(
            applied.app()
                + '\n'
                + applied.hash()
                + '\n'
                + (rule == null ? "" : rule.hash())
                + '\n'
                + request.asMap()
                + '\n'
                + dataVersion);
  }

  private Path target(String app, String id) {
    return folder.resolve(app).resolve(id);
  }

  /**
   * Goes on with the builds of the process before, as soon as the features that they need are
   * served again. To be called now and then.
   */
  public void resume(ServingGenerations serving) {
    synchronized (unfinished) {
      Iterator<Saved> each = unfinished.iterator();
      while (each.hasNext()) {
        Saved job = each.next();
        Optional<Generation> served = serving.find(job.applied().app());
        if (served.isEmpty()) {
          continue;
        }
        each.remove();
        Generation needed = Generation.of(job.applied().definition());
        if (!served.get().hash().equals(needed.hash())) {
          failed(job, "the features have changed since it was asked for; ask again");
          continue;
        }
        try {
          executor.execute(() -> run(job, served.get(), LabelRule.of(job.applied().definition())));
        } catch (RejectedExecutionException e) {
          failed(job, "too many datasets are waiting; ask again");
        }
      }
    }
  }

  private void run(Saved job, Generation generation, @Nullable LabelRule rule) {
    String app = job.applied().app();
    Path target = target(app, job.id());
    try {
      Files.createDirectories(target);
      running(job.id(), "waiting for accepted events to be applied", 0, 0);
      settled.await(app);
      long start = System.nanoTime();
      DatasetManifest manifest =
          builder.build(
              job.id(),
              job.applied(),
              generation,
              rule,
              job.request(),
              target,
              (phase, done, all) -> running(job.id(), phase, done, all));
      LOG.info(
          "dataset {} of {}: {} rows, {} columns in {} ms",
          job.id(),
          app,
          manifest.rows(),
          manifest.columns().size(),
          (System.nanoTime() - start) / 1_000_000);
      ready(job.id(), manifest);
      store.ended(app, job.id());
    } catch (InterruptedException e) {
      // The next process goes on with it.
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      if (!executor.isShutdown()) {
        LOG.error("dataset {} of {} failed", job.id(), app, e);
        failed(job, message(e, target));
      }
    }
  }

  /** Says in words what a person can do something about. */
  private static String message(Exception failure, Path target) {
    String message = String.valueOf(failure.getMessage());
    Throwable cause = failure.getCause();
    String all = message + (cause == null ? "" : " " + cause.getMessage());
    if (!all.contains("No space left") && !all.contains("Disk quota exceeded")) {
      return message;
    }
    String free = "";
    try {
      FileStore disk = Files.getFileStore(target);
      free = ", where " + disk.getUsableSpace() / (1 << 20) + " MiB are free";
    } catch (IOException e) {
      LOG.debug("the free space is unknown", e);
    }
    return "the disk of the data folder is full"
        + free
        + "; make room and ask again: what is computed already is kept";
  }

  private void ready(String id, DatasetManifest manifest) {
    jobs.put(
        id, new Job(id, Status.READY, "ready", manifest.rows(), manifest.rows(), null, manifest));
  }

  private void failed(Saved job, String message) {
    jobs.put(job.id(), new Job(job.id(), Status.FAILED, "failed", 0, 0, message, null));
    try {
      store.ended(job.applied().app(), job.id());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether these can be an application and a dataset of it. */
  public static boolean isName(String app, String id) {
    return ID.matcher(id).matches() && APP.matcher(app).matches();
  }

  /** A build of this process, or a dataset of an earlier one. */
  public Optional<Job> find(String app, String id) {
    if (!isName(app, id)) {
      return Optional.empty();
    }
    Path target = target(app, id);
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
        .map(manifest -> target(app, id).resolve(name))
        .filter(Files::isRegularFile);
  }

  /**
   * Removes old datasets, and files of moments that people have sent, of all applications: those
   * that are older than an age and not among the newest so many of their application. A dataset
   * that is being built stays. To be called now and then.
   *
   * @return ids of what was removed
   */
  public List<String> sweep(int keep, Duration age, InstantSource clock) {
    DatasetRetention retention = new DatasetRetention(folder, keep, age, clock);
    List<String> removed = new ArrayList<>();
    try {
      for (DatasetRetention.Old each : retention.datasets()) {
        // Under the lock of the entry, so that nobody is told of a dataset that is going.
        jobs.compute(
            each.id(),
            (id, job) -> {
              if (job != null && job.status() == Status.RUNNING) {
                return job;
              }
              try {
                DatasetRetention.delete(each.folder());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              removed.add(id);
              return null;
            });
      }
      if (jobs.values().stream().noneMatch(job -> job.status() == Status.RUNNING)) {
        for (Path spine : retention.spines()) {
          Files.deleteIfExists(spine);
          removed.add(String.valueOf(spine.getFileName()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!removed.isEmpty()) {
      LOG.info("removed {} datasets and spines older than {}", removed.size(), age);
    }
    return removed;
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
