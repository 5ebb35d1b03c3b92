// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.datasets.DatasetManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other instances which datasets and spines this one has. What could not be told is told
 * again, so that nobody needs the store to ask for a dataset. Thread-safe.
 */
public final class Announcements {
  private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);

  /** For this long a client waits, so that whichever instance it asks next knows of it. */
  private static final Duration WAIT = Duration.ofSeconds(2);

  private final DatasetPlaces places;
  private final Path folder;
  private final Set<Held> untold = ConcurrentHashMap.newKeySet();

  private record Held(String app, String id) {}

  /**
   * @param folder {@code <folder>/<app>/<id>} and {@code <folder>/<app>/spines/<id>}
   */
  public Announcements(DatasetPlaces places, Path folder) {
    this.places = places;
    this.folder = folder;
  }

  /** This instance has a dataset or a spine now, or begins to build it. */
  public void announce(String app, String id) {
    tell(new Held(app, id));
  }

  private void tell(Held held) {
    untold.add(held);
    try {
      places
          .announce(held.app(), held.id())
          .toCompletableFuture()
          .get(WAIT.toMillis(), TimeUnit.MILLISECONDS);
      untold.remove(held);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("{} of {} is announced later: {}", held.id(), held.app(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells what could not be told. To be called now and then. */
  public void again() {
    for (Held held : Set.copyOf(untold)) {
      tell(held);
      if (untold.contains(held)) {
        return;
      }
    }
  }

  /** Tells everything that this instance has. To be called at the start, and now and then. */
  public void all() {
    for (Path app : children(folder)) {
      for (Path each : children(app)) {
        if (Files.exists(each.resolve(DatasetManifest.FILE))
            || Files.exists(each.resolve(JobStore.FILE))) {
          untold.add(new Held(name(app), name(each)));
        }
      }
      for (Path each : children(app.resolve("spines"))) {
        if (name(each).startsWith(Spines.ID_PREFIX)) {
          untold.add(new Held(name(app), name(each)));
        }
      }
    }
    again();
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static List<Path> children(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
