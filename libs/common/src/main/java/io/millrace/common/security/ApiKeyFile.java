// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.security;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.common.serde.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Keys with roles as they stand in a file: {@code {"open": false, "keys": [{"name": "shop",
 * "sha256": "…", "read": ["shop/item_*"], "write": ["shop"], "admin": []}]}}. A key itself is not
 * in it. Immutable.
 *
 * @param open whether everybody may read features, with or without a key
 * @param keys in the order of the file
 */
public record ApiKeyFile(boolean open, List<Entry> keys) {
  /** No roles yet: everybody reads, and only the platform's key writes. */
  public static final ApiKeyFile OPEN = new ApiKeyFile(true, List.of());

  /**
   * A key.
   *
   * @param name whose it is
   * @param sha256 of the key, in hex
   * @param read {@code app/view} or {@code app/view.feature}, with {@code *} for any characters
   * @param write applications
   * @param admin applications; who administers one reads and writes it, too
   */
  public record Entry(
      String name, String sha256, List<String> read, List<String> write, List<String> admin) {
    /**
     * Checks name and hash.
     *
     * @throws IllegalArgumentException where one is not right
     */
    public Entry {
      if (name.isBlank() || !sha256.matches("[0-9a-fA-F]{64}")) {
        throw new IllegalArgumentException("each key has a name and a sha256 of 64 hex digits");
      }
      sha256 = sha256.toLowerCase(Locale.ROOT);
      read = List.copyOf(read);
      write = List.copyOf(write);
      admin = List.copyOf(admin);
    }

    @JsonCreator
    static Entry of(
        @JsonProperty("name") @Nullable String name,
        @JsonProperty("sha256") @Nullable String sha256,
        @JsonProperty("read") @Nullable List<String> read,
        @JsonProperty("write") @Nullable List<String> write,
        @JsonProperty("admin") @Nullable List<String> admin) {
      return new Entry(
          name == null ? "" : name,
          sha256 == null ? "" : sha256,
          orNone(read),
          orNone(write),
          orNone(admin));
    }
  }

  /** Copies the list. */
  public ApiKeyFile {
    keys = List.copyOf(keys);
  }

  @JsonCreator
  static ApiKeyFile of(
      @JsonProperty("open") boolean open, @JsonProperty("keys") @Nullable List<Entry> keys) {
    return new ApiKeyFile(open, orNone(keys));
  }

  private static <T> List<T> orNone(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException where it is not right
   */
  public static ApiKeyFile read(Path file) throws IOException {
    try {
      ApiKeyFile read = Json.mapper().readValue(Files.readAllBytes(file), ApiKeyFile.class);
      return read == null ? new ApiKeyFile(false, List.of()) : read;
    } catch (JacksonException e) {
      if (e.getCause() instanceof IllegalArgumentException wrong) {
        throw wrong;
      }
      throw new IllegalArgumentException("not JSON of keys: " + e.getOriginalMessage(), e);
    }
  }

  /** Puts this in place of the file as a whole; only the owner may read it. */
  public void write(Path file) throws IOException {
    Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
    // Only its owner may read what the JDK makes so.
    Path next = Files.createTempFile(folder, file.getFileName().toString(), ".next");
    try {
      Files.write(next, Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  /** With one key more; from then on only keys with a role read. */
  public ApiKeyFile with(Entry key) {
    return new ApiKeyFile(false, Stream.concat(keys.stream(), Stream.of(key)).toList());
  }

  /** Without the key of that name. */
  public ApiKeyFile without(String name) {
    return new ApiKeyFile(open, keys.stream().filter(key -> !key.name().equals(name)).toList());
  }

  /** Whether there is a key of that name. */
  public boolean has(String name) {
    return keys.stream().anyMatch(key -> key.name().equals(name));
  }
}
