// SPDX-License-Identifier: Apache-2.0
package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPackageTest {
  @TempDir Path folder;

  @Test
  void write_sameContents_givesSameBytes() {
    String first = Packages.valid().write(folder.resolve("a.zip"));
    String second = Packages.valid().write(folder.resolve("b.zip"));
    assertThat(second).isEqualTo(first).isEqualTo(ModelPackage.sha256(folder.resolve("a.zip")));
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("a.zip", "b.zip");
  }

  @Test
  void read_written_givesBackEverything() {
    Path file = folder.resolve("a.zip");
    ModelPackage written = Packages.valid();
    written.write(file);
    ModelPackage read = ModelPackage.read(file);
    assertThat(read.metadata()).isEqualTo(written.metadata());
    assertThat(read.metadata().files())
        .containsOnlyKeys(
            "preprocessing.json",
            "weights.linear.json",
            "input_example.json",
            "reference_profile.json");
    assertThat(read.referenceProfile()).isEqualTo(Packages.profile());
    assertThat(read.inputExample()).isEqualTo(written.inputExample());
    assertThat(read.toBytes()).isEqualTo(written.toBytes());
    assertThat(read.file("no such")).isNull();
  }

  @Test
  void read_truncatedAnywhere_isRefused() throws IOException {
    byte[] good = Packages.valid().toBytes();
    for (int length = 0; length < good.length; length += 97) {
      Path file = folder.resolve("cut.zip");
      Files.write(file, Arrays.copyOf(good, length));
      refused(file, "zip");
    }
  }

  @Test
  void read_anyByteChanged_isRefusedOrEqual() throws IOException {
    ModelPackage whole = Packages.valid();
    byte[] good = whole.toBytes();
    for (int at = 0; at < good.length; at += 53) {
      byte[] bad = good.clone();
      bad[at] ^= 0x20;
      Path file = folder.resolve("bad.zip");
      Files.write(file, bad);
      try {
        // Bytes that carry nothing (an entry's time, say) may differ; the contents may not.
        assertThat(ModelPackage.read(file).toBytes()).isEqualTo(good);
      } catch (InvalidPackageException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }

  @Test
  void read_noFile_isRefused() {
    refused(folder.resolve("none.zip"), "no file none.zip");
  }

  @Test
  void read_pathTraversal_isRefused() throws IOException {
    for (String name : new String[] {"../evil", "/etc/passwd", "a\\b", "a/b", "..", ".hidden"}) {
      refused(zip(files -> files.put(name, new byte[] {1})), "forbidden name '" + name + "'");
    }
  }

  @Test
  void read_missingOrForeignParts_namesThem() throws IOException {
    refused(zip(files -> files.remove("model.json")), "lacks 'model.json'");
    refused(zip(files -> files.remove("weights.linear.json")), "lacks 'weights.linear.json'");
    refused(zip(files -> files.put("extra.bin", new byte[3])), "holds 'extra.bin', which");
    refused(
        zip(files -> files.put("preprocessing.json", "{}".getBytes(StandardCharsets.UTF_8))),
        "'preprocessing.json' does not match its digest");
  }

  @Test
  void read_metadataThatIsNone_isRefused() throws IOException {
    refused(metadata("[1, 2"), "'model.json' is not valid");
    refused(metadata("{}"), "has format 'null'");
    refused(metadata("{\"format\": \"millrace-model/9\"}"), "has format 'millrace-model/9'");
    refused(
        metadata("{\"format\": \"millrace-model/1\"}"),
        "'model.json' is not valid: it lacks 'app'");
    refused(metadata("null"), "'model.json' is empty");
  }

  @Test
  void read_tooManyFiles_isRefused() throws IOException {
    refused(
        zip(
            files -> {
              for (int i = 0; i < 70; i++) {
                files.put("f" + i, new byte[1]);
              }
            }),
        "more than 64 files");
  }

  @Test
  void read_zipBomb_isRefusedBeforeItFillsMemory() throws IOException {
    Path file = folder.resolve("bomb.zip");
    byte[] zeros = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("bomb"));
      for (int i = 0; i <= ModelPackage.MAX_BYTES >> 20; i++) {
        zip.write(zeros);
      }
      zip.closeEntry();
    }
    assertThat(Files.size(file)).isLessThan(1 << 20);
    refused(file, "holds more than 268435456 bytes");
  }

  private Path metadata(String json) throws IOException {
    return zip(files -> files.put("model.json", json.getBytes(StandardCharsets.UTF_8)));
  }

  /** A valid package with one change, written without any of the checks. */
  private Path zip(Consumer<Map<String, byte[]>> change) throws IOException {
    Path good = folder.resolve("good.zip");
    Packages.valid().write(good);
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(good.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        files.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    change.accept(files);
    Path bad = folder.resolve("changed.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(bad))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
    return bad;
  }

  private static void refused(Path file, String message) {
    assertThatExceptionOfType(InvalidPackageException.class)
        .isThrownBy(() -> ModelPackage.read(file))
        .withMessageContaining(message);
  }
}
