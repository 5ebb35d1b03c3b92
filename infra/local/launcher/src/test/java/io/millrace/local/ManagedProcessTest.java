// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ManagedProcessTest {
  private static final Duration GRACE = Duration.ofSeconds(10);

  @TempDir private Path folder;

  @Test
  void start_running_isFoundByItsPidFileAndStopped() {
    ManagedProcess process = ManagedProcess.start(spec("sleep", "600"), Lifetime.ofThisProcess());
    assertThat(process.isAlive()).isTrue();
    assertThat(ManagedProcess.find("sleeper", pidFile()))
        .map(ManagedProcess::pid)
        .hasValue(process.pid());
    assertThat(process.stop(GRACE)).isTrue();
    assertThat(process.isAlive()).isFalse();
    assertThat(pidFile()).doesNotExist();
  }

  @Test
  void stop_processIgnoresTheRequest_killsIt() throws IOException {
    Path armed = folder.resolve("armed");
    ManagedProcess process =
        ManagedProcess.start(
            spec("/bin/sh", "-c", "trap '' TERM; : > " + armed + "; while :; do sleep 1; done"),
            Lifetime.ofThisProcess());
    Waiting.until(() -> Files.exists(armed), GRACE);
    assertThat(process.stop(Duration.ofMillis(300))).isFalse();
    assertThat(process.isAlive()).isFalse();
  }

  @Test
  void find_numberBelongsToALaterProcess_findsNothing() throws IOException {
    ProcessIdentity self = ProcessIdentity.current();
    Files.writeString(pidFile(), new ProcessIdentity(self.pid(), self.started() + "1").encoded());
    assertThat(ManagedProcess.find("sleeper", pidFile())).isEmpty();
    Files.writeString(pidFile(), self.encoded());
    assertThat(ManagedProcess.find("sleeper", pidFile())).isPresent();
  }

  @Test
  void find_pidFileIsGarbage_findsNothing() throws IOException {
    Files.writeString(pidFile(), "no number");
    assertThat(ManagedProcess.find("sleeper", pidFile())).isEmpty();
  }

  @Test
  void start_ownerEnds_processEnds() throws IOException {
    Process owner = new ProcessBuilder("sleep", "600").start();
    ProcessIdentity identity = ProcessIdentity.of(owner.pid()).orElseThrow();
    ManagedProcess process = ManagedProcess.start(spec("sleep", "600"), Lifetime.of(identity));
    owner.destroyForcibly();
    Waiting.until(() -> !process.isAlive(), GRACE);
  }

  @Test
  void detach_ownerEnds_processStays() throws IOException, InterruptedException {
    Process owner = new ProcessBuilder("sleep", "600").start();
    ProcessIdentity identity = ProcessIdentity.of(owner.pid()).orElseThrow();
    ManagedProcess stays = ManagedProcess.start(spec("sleep", "600"), Lifetime.of(identity));
    ManagedProcess ends =
        ManagedProcess.start(
            new ProcessSpec(
                "other",
                List.of("sleep", "600"),
                Map.of(),
                folder,
                folder.resolve("other.log"),
                folder.resolve("other.pid")),
            Lifetime.of(identity));
    stays.detach();
    owner.destroyForcibly().waitFor();
    Waiting.until(() -> !ends.isAlive(), GRACE);
    assertThat(stays.isAlive()).isTrue();
    stays.kill();
    assertThat(stays.isAlive()).isFalse();
  }

  @Test
  void start_noSuchProgram_namesTheProcess() {
    ProcessSpec spec = spec(folder.resolve("missing").toString());
    assertThatThrownBy(() -> ManagedProcess.start(spec, Lifetime.ofThisProcess()).isAlive())
        .isInstanceOf(LocalException.class)
        .hasMessageContaining("sleeper");
  }

  @Test
  void tail_longFile_givesTheLastLines() throws IOException {
    Path log = Files.writeString(folder.resolve("long.log"), "line\n".repeat(10_000) + "last\n");
    assertThat(ManagedProcess.tail(log, 2)).isEqualTo("line\nlast");
    assertThat(ManagedProcess.tail(folder.resolve("none"), 2)).isEmpty();
  }

  private ProcessSpec spec(String... command) {
    return new ProcessSpec(
        "sleeper", List.of(command), Map.of(), folder, folder.resolve("sleeper.log"), pidFile());
  }

  private Path pidFile() {
    return folder.resolve("sleeper.pid");
  }
}
