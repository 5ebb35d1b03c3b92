// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.security.ApiKeyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StackFolderTest {
  @TempDir private Path root;

  @Test
  void keyIn_firstAndSecondCall_sameKeyThatOnlyItsOwnerReads() throws IOException {
    StackFolder folder = new StackFolder(root);
    assertThat(folder.apiKey()).isEmpty();
    String key = StackFolder.keyIn(folder.apiKeyFile());
    assertThat(key).matches("[0-9a-f]{64}");
    assertThat(StackFolder.keyIn(folder.apiKeyFile())).isEqualTo(key);
    assertThat(folder.apiKey()).hasValue(key);
    assertThat(StackFolder.keyIn(folder.pseudonymKeyFile())).isNotEqualTo(key);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.apiKeyFile())))
        .isEqualTo("rw-------");
  }

  @Test
  void roleFileMade_firstAndSecondCall_isOpenAndThenKeptAsItIs() throws IOException {
    StackFolder folder = new StackFolder(root);
    Path file = folder.roleFileMade();
    assertThat(ApiKeyFile.read(file)).isEqualTo(ApiKeyFile.OPEN);
    new ApiKeyFile(false, List.of()).write(file);
    assertThat(folder.roleFileMade()).isEqualTo(file).isEqualTo(folder.roleFile());
    assertThat(ApiKeyFile.read(file).open()).isFalse();
  }

  @Test
  void rememberedFigures_ofOneService_areReadBack() {
    StackFolder folder = new StackFolder(root);
    assertThat(folder.port(Service.MONITOR)).isEmpty();
    folder.rememberPort(Service.MONITOR, 9_000);
    folder.rememberStartSeconds(Service.MONITOR, 4.2);
    assertThat(folder.port(Service.MONITOR)).hasValue(9_000);
    assertThat(folder.startSeconds(Service.MONITOR)).hasValue(4.2);
    assertThat(folder.port(Service.INGEST)).isEmpty();
    folder.forgetStartSeconds(Service.MONITOR);
    assertThat(folder.startSeconds(Service.MONITOR)).isEmpty();
  }
}
