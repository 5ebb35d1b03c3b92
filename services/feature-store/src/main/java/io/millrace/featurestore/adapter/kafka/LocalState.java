// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a streams application's local stores, and beside it a word on which changelogs they
 * are of. While an instance is away, its application may be removed and begun again by others;
 * stores that are of former changelogs would then be taken for the first part of what the new ones
 * hold. Not thread-safe.
 */
final class LocalState {
  private static final Logger LOG = LoggerFactory.getLogger(LocalState.class);

  private final Path stores;
  private final Path word;
  private String known = "";

  /**
   * @param folder of all streams applications of this instance
   */
  LocalState(Path folder, String applicationId) {
    stores = folder.resolve(applicationId);
    word = folder.resolve(applicationId + ".changelogs");
  }

  /**
   * Removes the stores unless they are of these changelogs. To be called before the application
   * starts.
   *
   * @param changelogs what tells those that are there from any others; blank where there are none
   */
  void keepOnlyOf(String changelogs) {
    try {
      if (!Files.exists(stores)) {
        return;
      }
      known = Files.exists(word) ? Files.readString(word) : "";
      if (known.isEmpty() || !known.equals(changelogs)) {
        LOG.info("{} is not of the changelogs that there are, and is made anew of them", stores);
        delete();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The stores are of these changelogs. To be called once the application runs. */
  void areOf(String changelogs) {
    if (changelogs.equals(known) || changelogs.isEmpty()) {
      return;
    }
    try {
      Files.writeString(word, changelogs);
      known = changelogs;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes the stores. */
  void delete() {
    try {
      Files.deleteIfExists(word);
      known = "";
      if (!Files.exists(stores)) {
        return;
      }
      try (Stream<Path> all = Files.walk(stores)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(each);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
