// SPDX-License-Identifier: Apache-2.0
package io.millrace.models;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.serde.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A model package: a flat zip of {@code model.json}, {@code preprocessing.json}, the weights,
 * {@code input_example.json} and {@code reference_profile.json}. Equal contents are equal bytes:
 * entries are sorted, uncompressed (no dependence on a zlib version) and bear one fixed time.
 *
 * <p>Reading trusts nothing: at most {@value #MAX_FILES} files, {@value #MAX_BYTES} bytes together,
 * plain names only, every file listed in the metadata with its digest and none besides. Immutable;
 * everything is held in memory.
 */
public final class ModelPackage {
  public static final String METADATA = "model.json";
  public static final String PREPROCESSING = "preprocessing.json";
  public static final String INPUT_EXAMPLE = "input_example.json";
  public static final String REFERENCE_PROFILE = "reference_profile.json";

  /** Most files in a package. */
  public static final int MAX_FILES = 64;

  /** Most bytes of a package. */
  public static final long MAX_BYTES = 256L * 1024 * 1024;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}");
  private static final LocalDateTime FIXED_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
  private static final Set<String> REQUIRED =
      Set.of(PREPROCESSING, INPUT_EXAMPLE, REFERENCE_PROFILE);

  private final ModelMetadata metadata;
  private final Map<String, byte[]> files;

  private ModelPackage(ModelMetadata metadata, Map<String, byte[]> files) {
    this.metadata = metadata;
    this.files = files;
  }

  /**
   * Puts a package together.
   *
   * @param metadata its {@code files} are filled in here
   * @param contents every file but {@code model.json}
   * @throws InvalidPackageException where a reader would refuse it
   */
  public static ModelPackage of(ModelMetadata metadata, Map<String, byte[]> contents) {
    Map<String, String> digests = new TreeMap<>();
    contents.forEach((name, bytes) -> digests.put(name, sha256(bytes)));
    ModelMetadata complete = metadata.withFiles(digests);
    TreeMap<String, byte[]> files = new TreeMap<>(contents);
    files.put(METADATA, Json.canonical().writeValueAsBytes(complete));
    long total = 0;
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      checkName(file.getKey());
      total += file.getValue().length;
    }
    checkLimits(files.size(), total);
    ModelPackage result = new ModelPackage(complete, files);
    result.check();
    return result;
  }

  /**
   * Reads a package.
   *
   * @throws InvalidPackageException where the file is absent, truncated, too large, or not a
   *     package
   */
  public static ModelPackage read(Path file) {
    Map<String, byte[]> files = new TreeMap<>();
    try {
      if (Files.size(file) > MAX_BYTES + (1 << 20)) {
        throw new InvalidPackageException("is larger than " + MAX_BYTES + " bytes");
      }
      try (ZipFile zip = new ZipFile(file.toFile())) {
        long total = 0;
        for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
          ZipEntry entry = all.nextElement();
          checkName(entry.getName());
          checkLimits(files.size() + 1, total);
          byte[] bytes = bytes(zip, entry, MAX_BYTES - total);
          total += bytes.length;
          if (files.put(entry.getName(), bytes) != null) {
            throw new InvalidPackageException("holds '" + entry.getName() + "' twice");
          }
        }
      }
    } catch (NoSuchFileException e) {
      throw new InvalidPackageException("no file " + file.getFileName(), e);
    } catch (ZipException e) {
      throw new InvalidPackageException("is not a whole zip file: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new InvalidPackageException("cannot be read: " + e.getMessage(), e);
    }
    ModelPackage result = new ModelPackage(readMetadata(files), files);
    result.check();
    return result;
  }

  /** Writes it so that a reader sees the whole file or none, and gives its SHA-256. */
  public String write(Path target) {
    Path folder = target.toAbsolutePath().getParent();
    try {
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, target.getFileName().toString(), ".part");
      try {
        byte[] bytes = toBytes();
        Files.write(temporary, bytes);
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return sha256(bytes);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + target, e);
    }
  }

  /** The package as a zip file. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(file.getValue().length);
        entry.setCrc(crc(file.getValue()));
        entry.setTimeLocal(FIXED_TIME);
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  public ModelMetadata metadata() {
    return metadata;
  }

  /** File name → size in bytes, sorted. */
  public Map<String, Integer> sizes() {
    Map<String, Integer> sizes = new TreeMap<>();
    files.forEach((name, bytes) -> sizes.put(name, bytes.length));
    return Collections.unmodifiableMap(sizes);
  }

  /** A copy of one file, or null where there is none of that name. */
  public byte @Nullable [] file(String name) {
    byte[] bytes = files.get(name);
    return bytes == null ? null : bytes.clone();
  }

  /** The trainer's rows with their scores. */
  public InputExample inputExample() {
    return json(INPUT_EXAMPLE, InputExample.class);
  }

  /** The distributions that the model was trained on. */
  public ReferenceProfile referenceProfile() {
    return json(REFERENCE_PROFILE, ReferenceProfile.class);
  }

  /** SHA-256 of a file, lower-case hex. */
  public static String sha256(Path file) {
    MessageDigest digest = digest();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256, lower-case hex. */
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  byte[] required(String name) {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw new InvalidPackageException("lacks '" + name + "'");
    }
    return bytes;
  }

  <T> T json(String name, Class<T> type) {
    return parse(name, required(name), type);
  }

  private static <T> T parse(String name, byte[] bytes, Class<T> type) {
    try {
      T value = Json.mapper().readValue(bytes, type);
      if (value == null) {
        throw new InvalidPackageException("'" + name + "' is empty");
      }
      return value;
    } catch (JacksonException | IllegalArgumentException e) {
      Throwable cause = e.getCause() instanceof IllegalArgumentException rule ? rule : e;
      String first = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
      throw new InvalidPackageException("'" + name + "' is not valid: " + first, e);
    }
  }

  private static ModelMetadata readMetadata(Map<String, byte[]> files) {
    byte[] bytes = files.get(METADATA);
    if (bytes == null) {
      throw new InvalidPackageException("lacks '" + METADATA + "'");
    }
    String format = parse(METADATA, bytes, Format.class).format();
    if (!ModelMetadata.FORMAT.equals(format)) {
      throw new InvalidPackageException(
          "has format '" + format + "', this code reads '" + ModelMetadata.FORMAT + "'");
    }
    return parse(METADATA, bytes, ModelMetadata.class);
  }

  /** Looked at before the rest, so that another format is named as such. */
  private record Format(@Nullable String format) {}

  private void check() {
    metadata
        .files()
        .forEach(
            (name, digest) -> {
              if (!sha256(required(name)).equals(digest)) {
                throw new InvalidPackageException("'" + name + "' does not match its digest");
              }
            });
    for (String name : files.keySet()) {
      if (!name.equals(METADATA) && !metadata.files().containsKey(name)) {
        throw new InvalidPackageException("holds '" + name + "', which its metadata does not list");
      }
    }
    REQUIRED.forEach(this::required);
    required(metadata.weights());
  }

  private static void checkName(String name) {
    if (!NAME.matcher(name).matches() || name.contains("..")) {
      throw new InvalidPackageException("holds a file with the forbidden name '" + name + "'");
    }
  }

  private static void checkLimits(int count, long total) {
    if (count > MAX_FILES) {
      throw new InvalidPackageException("holds more than " + MAX_FILES + " files");
    }
    if (total > MAX_BYTES) {
      throw new InvalidPackageException("holds more than " + MAX_BYTES + " bytes");
    }
  }

  private static byte[] bytes(ZipFile zip, ZipEntry entry, long limit) throws IOException {
    if (entry.isDirectory()) {
      throw new InvalidPackageException("holds a folder '" + entry.getName() + "'");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes((int) Math.min(limit + 1, Integer.MAX_VALUE));
      if (bytes.length > limit) {
        throw new InvalidPackageException("holds more than " + MAX_BYTES + " bytes");
      }
      if (entry.getSize() >= 0 && bytes.length != entry.getSize()) {
        throw new InvalidPackageException("'" + entry.getName() + "' is truncated");
      }
      if (crc(bytes) != entry.getCrc()) { // ZipFile does not check it
        throw new InvalidPackageException("'" + entry.getName() + "' is damaged");
      }
      return bytes;
    }
  }

  private static long crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
