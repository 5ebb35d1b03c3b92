// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.file;

import io.millrace.common.serde.Json;
import io.millrace.trainer.run.RunRecord;
import io.millrace.trainer.run.RunStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;

/** One JSON file per run, replaced as a whole, so that a reader never sees half of one. */
public final class FileRunStore implements RunStore {
  private static final String SUFFIX = ".json";

  private final Path folder;

  public FileRunStore(Path folder) {
    this.folder = folder;
  }

  @Override
  public void save(RunRecord run) {
    Path file = file(run.app(), run.runId());
    try {
      Files.createDirectories(file.getParent());
      Path part = Files.createTempFile(file.getParent(), "run", ".part");
      try {
        Files.write(part, Json.mapper().writeValueAsBytes(run));
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep run " + run.runId(), e);
    }
  }

  @Override
  public Optional<RunRecord> find(String app, String runId) {
    return SafeNames.isSafe(runId) && SafeNames.isSafe(app)
        ? read(file(app, runId))
        : Optional.empty();
  }

  @Override
  public List<RunRecord> list(String app, int limit) {
    if (!SafeNames.isSafe(app) || !Files.isDirectory(folder.resolve(app))) {
      return List.of();
    }
    List<RunRecord> runs = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve(app))) {
      for (Path file : files.filter(each -> each.toString().endsWith(SUFFIX)).toList()) {
        read(file).ifPresent(runs::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the runs of " + app, e);
    }
    runs.sort(
        Comparator.comparingLong(RunRecord::requestedAtMs)
            .thenComparing(RunRecord::runId)
            .reversed());
    return runs.size() > limit ? List.copyOf(runs.subList(0, limit)) : runs;
  }

  private Path file(String app, String runId) {
    return folder.resolve(SafeNames.require(app)).resolve(SafeNames.require(runId) + SUFFIX);
  }

  private static Optional<RunRecord> read(Path file) {
    try {
      return Optional.of(Json.mapper().readValue(Files.readAllBytes(file), RunRecord.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | JacksonException e) {
      throw new IllegalStateException("cannot read " + file.getFileName() + ": " + e, e);
    }
  }
}
