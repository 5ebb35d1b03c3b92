// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.Jdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StartCacheTest {
  @TempDir private Path root;

  @Test
  void of_classPathChanges_theOldCacheIsNotUsedAndGoesAtTheNext() throws IOException {
    Path jar = Files.writeString(root.resolve("a.jar"), "one");
    StartCache before = cache(jar);
    assertThat(before.exists()).isFalse();
    assertThat(before.useOptions()).isEmpty();
    Path file = fileOf(before.makeOptions(root, Service.MONITOR));
    Files.writeString(file, "cache");
    assertThat(cache(jar).useOptions()).contains("-XX:AOTCache=" + file);

    Files.writeString(jar, "another");
    StartCache after = cache(jar);
    assertThat(after.exists()).isFalse();
    after.makeOptions(root, Service.INGEST);
    assertThat(file).exists();
    after.makeOptions(root, Service.MONITOR);
    assertThat(file).doesNotExist();
  }

  private StartCache cache(Path jar) {
    return StartCache.of(root, Service.MONITOR, Jdk.find25(), List.of(jar));
  }

  private static Path fileOf(List<String> options) {
    return Path.of(options.getFirst().substring("-XX:AOTCacheOutput=".length()));
  }
}
