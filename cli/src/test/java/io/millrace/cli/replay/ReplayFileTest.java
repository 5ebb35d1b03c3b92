// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReplayFileTest {
  @TempDir private Path folder;

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private static byte[] packed(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void of_packedOrNot_hasTheSameDigestAndLength() throws IOException {
    String text = "a,b\n1,2\n";
    ReplayFile plain = ReplayFile.of(file("x.csv", text.getBytes(StandardCharsets.UTF_8)));
    ReplayFile packed = ReplayFile.of(file("y.csv.gz", packed(text)));

    assertThat(packed.digest()).isEqualTo(plain.digest());
    assertThat(packed.bytes()).isEqualTo(plain.bytes()).isEqualTo(8);
    assertThat(ReplayFile.of(file("z.csv", "a,b\n1,3\n".getBytes(StandardCharsets.UTF_8))).digest())
        .isNotEqualTo(plain.digest());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.csv|{}|true",
        "a.CSV|1,2|true",
        "a.ndjson|1,2|false",
        "a.jsonl|{}|false",
        "a.json|{}|false",
        "a.txt|' {}'|false",
        "a|a,b|true"
      })
  void of_nameOrContent_saysTheForm(String name, String content, boolean csv) throws IOException {
    assertThat(ReplayFile.of(file(name, content.getBytes(StandardCharsets.UTF_8))).csv())
        .isEqualTo(csv);
    assertThat(ReplayFile.of(file(name + ".gz", packed(content))).csv()).isEqualTo(csv);
  }

  @Test
  void of_empty_saysSo() throws IOException {
    Path empty = file("x.csv", new byte[0]);
    assertThatThrownBy(() -> ReplayFile.of(empty))
        .isInstanceOf(ReplayException.class)
        .hasMessage(empty + " is empty");
  }

  @Test
  void of_cutGzip_saysSo() throws IOException {
    byte[] whole = packed("a,b\n1,2\n".repeat(100));
    Path cut = file("x.csv.gz", Arrays.copyOf(whole, whole.length - 9));
    assertThatThrownBy(() -> ReplayFile.of(cut))
        .isInstanceOf(ReplayException.class)
        .hasMessageStartingWith(cut + " is no whole gzip file");
  }

  @Test
  void of_folder_saysThatItCannotBeRead() {
    assertThatThrownBy(() -> ReplayFile.of(folder))
        .isInstanceOf(ReplayException.class)
        .hasMessageStartingWith("cannot read " + folder);
  }
}
