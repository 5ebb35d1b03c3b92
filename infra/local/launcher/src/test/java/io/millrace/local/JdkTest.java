// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdkTest {
  @TempDir private Path folder;

  @Test
  void at_oldAndNewVersionForms_readsFeature() throws IOException {
    assertThat(Jdk.at(installation("a", "1.8.0_402"))).map(Jdk::feature).hasValue(8);
    assertThat(Jdk.at(installation("b", "25"))).map(Jdk::feature).hasValue(25);
    assertThat(Jdk.at(installation("c", "25.0.1"))).map(Jdk::feature).hasValue(25);
    assertThat(Jdk.at(folder)).isEmpty();
  }

  @Test
  void find_javaHomeTooOld_takesTheLowestThatFitsFromTheFolders() throws IOException {
    Path old = installation("old", "17.0.15");
    installation("jvm/x-26", "26.0.1");
    Path fits = installation("jvm/y-25", "25.0.2");
    installation("jvm/z-21", "21");
    assertThat(Jdk.find(List.of(old), List.of(folder.resolve("jvm")), List.of()).home())
        .isEqualTo(fits);
  }

  @Test
  void find_macLayout_looksInContentsHome() throws IOException {
    Path home = installation("jvm/temurin.jdk/Contents/Home", "25");
    assertThat(Jdk.find(List.of(), List.of(folder.resolve("jvm")), List.of()).home())
        .isEqualTo(home);
  }

  @Test
  void find_javaHomeFits_comesBeforeFoldersAndPath() throws IOException {
    Path named = installation("named", "26");
    installation("jvm/a", "25");
    Path onPath = installation("path", "25");
    assertThat(Jdk.find(List.of(named), List.of(folder.resolve("jvm")), List.of(onPath)).home())
        .isEqualTo(named);
  }

  @Test
  void find_noneFits_saysWhatIsThereAndWhatToDo() throws IOException {
    Path old = installation("old", "17.0.15");
    assertThatThrownBy(() -> Jdk.find(List.of(old), List.of(), List.of()))
        .isInstanceOf(LocalException.class)
        .hasMessageContaining("install a JDK 25")
        .hasMessageContaining("JAVA_HOME")
        .hasMessageContaining("17");
  }

  @Test
  void find25_onThisMachine_findsTheOneThatRunsThisTest() {
    assertThat(Jdk.find25().home()).isEqualTo(Path.of(System.getProperty("java.home")));
  }

  private Path installation(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Path java = Files.writeString(home.resolve("bin/java"), "#!/bin/sh\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }
}
