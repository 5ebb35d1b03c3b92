// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Java17Test {
  @TempDir private Path folder;

  @Test
  void find_namedOne_isPreferred() throws IOException {
    Path named = jdk("elsewhere/java", "17.0.15");
    jdk("usual/jdk-17", "17.0.1");
    assertThat(Java17.find(named.toString(), folder.resolve("usual")))
        .contains(named.resolve("bin/java"));
  }

  @Test
  void find_othersBesideIt_takesTheOneThatIs17() throws IOException {
    jdk("usual/jdk-1.8.0_17", "1.8.0_17");
    Path right = jdk("usual/java-17-openjdk", "17.0.1");
    jdk("usual/temurin-25", "25.0.3");
    assertThat(Java17.find(null, folder.resolve("usual"))).contains(right.resolve("bin/java"));
  }

  @Test
  void find_noneOrNoFolder_isEmpty() throws IOException {
    Path wrong = jdk("usual/jdk-25-17", "25.0.3");
    assertThat(Java17.find(wrong.toString(), folder.resolve("usual"))).isEmpty();
    assertThat(Java17.find(null, folder.resolve("absent"))).isEmpty();
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Path program = home.resolve("bin/java");
    Files.createDirectories(program.getParent());
    Files.createFile(program);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }
}
