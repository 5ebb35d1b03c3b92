// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Local stores are kept only where they are of the changelogs that there are. */
class LocalStateTest {
  @TempDir Path folder;
  private Path store;

  @BeforeEach
  void stores() throws IOException {
    store = Files.createDirectories(folder.resolve("app/0_0/rocksdb")).resolve("000001.sst");
    Files.writeString(store, "states");
  }

  private LocalState state() {
    return new LocalState(folder, "app");
  }

  @Test
  void keepOnlyOf_theSameChangelogs_keepsTheStores() {
    state().areOf("a");
    state().keepOnlyOf("a");
    assertThat(store).exists();
  }

  @Test
  void keepOnlyOf_changelogsThatWereMadeAnewMeanwhile_removesTheStores() {
    state().areOf("a");
    state().keepOnlyOf("b");
    assertThat(folder.resolve("app")).doesNotExist();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void keepOnlyOf_noChangelogsOrNoWordOnThem_removesTheStores() throws IOException {
    state().keepOnlyOf("a");
    assertThat(store).doesNotExist();
    stores();
    state().areOf("a");
    state().keepOnlyOf("");
    assertThat(store).doesNotExist();
  }

  @Test
  void keepOnlyOf_firstStart_findsNothing() {
    LocalState other = new LocalState(folder, "other");
    other.keepOnlyOf("");
    other.areOf("c");
    other.keepOnlyOf("c");
    assertThat(store).as("of another application").exists();
  }
}
