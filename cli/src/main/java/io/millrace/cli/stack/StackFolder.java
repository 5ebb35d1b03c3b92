// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

import io.millrace.common.security.ApiKeyFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that a stack keeps between runs.
 *
 * @param root its folder
 */
public record StackFolder(Path root) {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /** Makes the path absolute. */
  public StackFolder {
    root = root.toAbsolutePath().normalize();
  }

  /** Data, configuration and logs of the backends. */
  public Path backends() {
    return root.resolve("backends");
  }

  /** The services' own files; each has a folder of its name in it. */
  public Path services() {
    return root.resolve("services");
  }

  /** What a service writes about itself. */
  public Path log(Service service) {
    return root.resolve("logs").resolve(service.id() + ".log");
  }

  Path pid(Service service) {
    return root.resolve("run").resolve(service.id() + ".pid");
  }

  /** The key of requests that write. */
  Path apiKeyFile() {
    return root.resolve("keys/api.key");
  }

  Path pseudonymKeyFile() {
    return root.resolve("keys/pseudonym.key");
  }

  /** Further keys with roles: what {@code MILLRACE_API_KEYS} names, else a file of the folder. */
  public Path roleFile() {
    return Optional.ofNullable(System.getenv("MILLRACE_API_KEYS"))
        .filter(text -> !text.isBlank())
        .map(Path::of)
        .orElseGet(this::ownRoleFile);
  }

  private Path ownRoleFile() {
    return root.resolve("keys/roles.json");
  }

  /**
   * The same; the folder's own is made where it is missing: reading is open. One that the
   * environment names has to be there, or a misspelt path would open it unnoticed.
   */
  Path roleFileMade() {
    Path file = roleFile();
    try {
      if (!Files.exists(file) && file.equals(ownRoleFile())) {
        ApiKeyFile.OPEN.write(file);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The key of requests that write, where a stack has been started here before. */
  public Optional<String> apiKey() {
    return read(apiKeyFile());
  }

  /** The port of a service at its last start. */
  public Optional<Integer> port(Service service) {
    return read(portFile(service)).map(Integer::parseInt);
  }

  void rememberPort(Service service, int port) {
    write(portFile(service), Integer.toString(port));
  }

  /** How long its last start took until it was ready, in seconds. */
  Optional<Double> startSeconds(Service service) {
    return read(startFile(service)).map(Double::parseDouble);
  }

  void rememberStartSeconds(Service service, double seconds) {
    write(startFile(service), Double.toString(seconds));
  }

  void forgetStartSeconds(Service service) {
    try {
      Files.deleteIfExists(startFile(service));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A key kept in a file that only its owner can read; made at the first call. */
  static String keyIn(Path file) {
    Optional<String> known = read(file);
    if (known.isPresent()) {
      return known.get();
    }
    String key = newKey();
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      Files.writeString(file, key, StandardOpenOption.TRUNCATE_EXISTING);
      return key;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A key that nobody can guess. */
  public static String newKey() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private Path portFile(Service service) {
    return root.resolve("run").resolve(service.id() + ".port");
  }

  private Path startFile(Service service) {
    return root.resolve("run").resolve(service.id() + ".start_s");
  }

  private static Optional<String> read(Path file) {
    try {
      return Files.isReadable(file)
          ? Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty())
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
