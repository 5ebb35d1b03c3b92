// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.file;

import io.millrace.common.serde.Json;
import io.millrace.featurestore.dataset.JobStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** A file {@code job.json} in the folder of each dataset that is being built. Thread-safe. */
public final class JsonJobs implements JobStore {
  private static final Logger LOG = LoggerFactory.getLogger(JsonJobs.class);
  private static final int DEPTH = 3;

  private final Path folder;

  /**
   * @param folder of the datasets, {@code <folder>/<app>/<id>}
   */
  public JsonJobs(Path folder) {
    this.folder = folder;
  }

  private Path file(String app, String id) {
    return folder.resolve(app).resolve(id).resolve(FILE);
  }

  @Override
  public void save(Saved job) throws IOException {
    Path file = file(job.applied().app(), job.id());
    Files.createDirectories(file.getParent());
    Path part = file.resolveSibling(FILE + ".part");
    Files.write(part, Json.mapper().writeValueAsBytes(job));
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void ended(String app, String id) throws IOException {
    Files.deleteIfExists(file(app, id));
  }

  @Override
  public List<Saved> unfinished() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Saved> jobs = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder, DEPTH)) {
      for (Path file :
          (Iterable<Path>) files.filter(each -> each.endsWith(FILE)).sorted()::iterator) {
        try {
          jobs.add(Json.mapper().readValue(Files.readAllBytes(file), Saved.class));
        } catch (JacksonException e) {
          LOG.warn("{} is of another version; its dataset has to be asked for again", file, e);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return jobs;
  }
}
