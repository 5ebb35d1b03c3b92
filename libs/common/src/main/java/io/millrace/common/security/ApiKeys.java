// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.security;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The platform's key, which may do everything, and further keys with roles, kept in an {@link
 * ApiKeyFile} that is read again when it changes. A file that cannot be read leaves the former keys
 * in force. Thread-safe.
 */
public final class ApiKeys {
  private static final Logger LOG = LoggerFactory.getLogger(ApiKeys.class);
  private static final String BEARER = "Bearer ";
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Principal ANYBODY =
      new Principal("anybody", List.of("*/*"), List.of(), List.of());
  private static final Principal PLATFORM =
      new Principal("platform", List.of("*/*"), List.of("*"), List.of("*"));

  private final ApiKey platform;
  private final @Nullable Path file;
  private volatile Loaded loaded;

  private record Loaded(
      boolean open, Map<String, Principal> byHash, @Nullable FileTime modified, long lookedNanos) {}

  /** Whose key it is, and what it may do. */
  public static final class Principal {
    private final String name;
    private final Pattern read;
    private final Pattern write;
    private final Pattern admin;

    Principal(String name, List<String> read, List<String> write, List<String> admin) {
      this.name = name;
      this.read = pattern(read);
      this.write = pattern(write);
      this.admin = pattern(admin);
    }

    private static Pattern pattern(List<String> globs) {
      StringBuilder any = new StringBuilder("(?!)");
      for (String glob : globs) {
        any.append('|').append("\\Q").append(glob.replace("*", "\\E.*\\Q")).append("\\E");
      }
      return Pattern.compile(any.toString());
    }

    public String name() {
      return name;
    }

    /**
     * @param feature {@code view.feature}
     */
    public boolean mayRead(String app, String feature) {
      int dot = feature.indexOf('.');
      String view = dot < 0 ? feature : feature.substring(0, dot);
      return read.matcher(app + '/' + view).matches()
          || read.matcher(app + '/' + feature).matches()
          || mayAdminister(app);
    }

    /** Whether it may send events, outcomes and the like to an application. */
    public boolean mayWrite(String app) {
      return write.matcher(app).matches() || mayAdminister(app);
    }

    /** Whether it may change and delete an application. */
    public boolean mayAdminister(String app) {
      return admin.matcher(app).matches();
    }
  }

  /**
   * @param file of keys with roles; null for the platform's key alone
   * @throws IllegalArgumentException where the file is not right
   */
  public ApiKeys(ApiKey platform, @Nullable Path file) {
    this.platform = platform;
    this.file = file;
    this.loaded = new Loaded(file == null, Map.of(), null, System.nanoTime());
    if (file != null) {
      try {
        loaded = load(file);
      } catch (IOException e) {
        throw new UncheckedIOException("MILLRACE_API_KEYS: " + file, e);
      }
    }
  }

  /** The SHA-256 of a key, as the file has it. */
  public static String hash(String key) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The key that a request presents: a bearer token, else the header of its own. */
  public static @Nullable String presented(
      @Nullable String authorization, @Nullable String ownHeader) {
    return authorization != null && authorization.startsWith(BEARER)
        ? authorization.substring(BEARER.length())
        : ownHeader;
  }

  /** Whose key this is; empty for an unknown one. */
  public Optional<Principal> find(@Nullable String presented) {
    if (presented == null) {
      return Optional.empty();
    }
    return platform.matches(presented)
        ? Optional.of(PLATFORM)
        : Optional.ofNullable(current().byHash().get(hash(presented)));
  }

  /** Who reads features with this key: everybody where reading is open, else {@link #find}. */
  public Optional<Principal> reader(@Nullable String presented) {
    return current().open() ? Optional.of(ANYBODY) : find(presented);
  }

  private Loaded current() {
    if (file != null && System.nanoTime() - loaded.lookedNanos() >= LOOK_EVERY.toNanos()) {
      look();
    }
    return loaded;
  }

  /** Reads the file if it has changed. */
  void look() {
    Loaded now = loaded;
    Path from = file;
    if (from == null) {
      return;
    }
    Loaded next = new Loaded(now.open(), now.byHash(), now.modified(), System.nanoTime());
    try {
      if (!Files.getLastModifiedTime(from).equals(now.modified())) {
        next = load(from);
        LOG.info("{} API keys with roles in {}", next.byHash().size(), from);
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.error("{} is not read, the former keys stay in force: {}", from, e.getMessage());
    }
    loaded = next;
  }

  private static Loaded load(Path file) throws IOException {
    FileTime modified = Files.getLastModifiedTime(file);
    ApiKeyFile read = ApiKeyFile.read(file);
    Map<String, Principal> byHash = new HashMap<>();
    for (ApiKeyFile.Entry key : read.keys()) {
      byHash.put(key.sha256(), new Principal(key.name(), key.read(), key.write(), key.admin()));
    }
    return new Loaded(read.open(), Map.copyOf(byHash), modified, System.nanoTime());
  }
}
