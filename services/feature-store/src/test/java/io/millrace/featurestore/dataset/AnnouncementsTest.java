// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.datasets.DatasetManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an instance has is told, sooner or later. */
class AnnouncementsTest {
  @TempDir Path folder;

  private final Set<String> told = new TreeSet<>();
  private boolean isAway;
  private final DatasetPlaces places =
      new DatasetPlaces() {
        @Override
        public CompletionStage<Void> announce(String app, String id) {
          if (isAway) {
            return CompletableFuture.failedFuture(new IOException("away"));
          }
          told.add(app + "/" + id);
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public List<Place> others(String app, String id) {
          return List.of();
        }

        @Override
        public Optional<Place> builder(String app, String id, @Nullable Place gone) {
          return Optional.empty();
        }
      };

  @Test
  void announced_whileTheStoreIsAway_isToldWhenItIsBack() {
    Announcements announcements = new Announcements(places, folder);
    isAway = true;
    announcements.announce("shop", "ds-1");
    announcements.announce("shop", "ds-2");
    announcements.again();
    assertThat(told).isEmpty();

    isAway = false;
    announcements.again();
    assertThat(told).containsExactly("shop/ds-1", "shop/ds-2");
    told.clear();
    announcements.again();
    assertThat(told).as("told already").isEmpty();
  }

  @Test
  void all_ofAFolder_areFinishedDatasetsBuildsAndSpines() throws IOException {
    for (String file :
        List.of(
            "ds-1/" + DatasetManifest.FILE,
            "ds-2/" + JobStore.FILE,
            "ds-3/features.scratch",
            "spines/sp-1",
            "spines/spine7.part")) {
      Path path = folder.resolve("shop").resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, "");
    }
    Announcements announcements = new Announcements(places, folder);
    announcements.all();
    assertThat(told).containsExactly("shop/ds-1", "shop/ds-2", "shop/sp-1");
    told.clear();
    announcements.all();
    assertThat(told).as("again, before it is forgotten").hasSize(3);
    new Announcements(places, folder.resolve("none")).all();
  }
}
