// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.datasets.DatasetManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which datasets, and files of moments that people have sent, are old enough to go: of each
 * application those that are older than an age and not among the newest so many. What a build that
 * failed or was cut off has left goes by the same rule. Immutable.
 *
 * @param folder {@code <folder>/<app>/<id>} and {@code <folder>/<app>/spines/<id>}
 * @param keep the newest that stay however old they are, at least 1
 * @param age what is younger stays
 */
record DatasetRetention(Path folder, int keep, Duration age, InstantSource clock) {
  /** A folder that may go, and the id of the dataset in it. */
  record Old(String app, String id, Path folder) {}

  private record Aged(Path path, Instant changed) {}

  /** Datasets that may go, oldest last. */
  List<Old> datasets() throws IOException {
    List<Old> old = new ArrayList<>();
    for (Path app : children(folder)) {
      List<Path> datasets =
          children(app).stream().filter(each -> name(each).startsWith("ds-")).toList();
      for (Path each : old(datasets)) {
        old.add(new Old(name(app), name(each), each));
      }
    }
    return old;
  }

  /** Files of moments that may go. */
  List<Path> spines() throws IOException {
    List<Path> old = new ArrayList<>();
    for (Path app : children(folder)) {
      old.addAll(old(children(app.resolve("spines"))));
    }
    return old;
  }

  private List<Path> old(List<Path> paths) throws IOException {
    List<Aged> aged = new ArrayList<>();
    for (Path path : paths) {
      Path manifest = path.resolve(DatasetManifest.FILE);
      aged.add(
          new Aged(
              path,
              Files.getLastModifiedTime(Files.exists(manifest) ? manifest : path).toInstant()));
    }
    Instant before = clock.instant().minus(age);
    return aged.stream()
        .sorted(Comparator.comparing(Aged::changed).reversed().thenComparing(Aged::path))
        .skip(keep)
        .filter(each -> each.changed().isBefore(before))
        .map(Aged::path)
        .toList();
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static List<Path> children(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    }
  }

  /** Removes a dataset: its manifest first, so that it is whole or not there at all. */
  static void delete(Path dataset) throws IOException {
    Files.deleteIfExists(dataset.resolve(DatasetManifest.FILE));
    try (Stream<Path> all = Files.walk(dataset)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
