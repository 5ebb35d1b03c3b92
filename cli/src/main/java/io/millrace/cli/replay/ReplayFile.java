// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file of events, looked through once.
 *
 * @param path where it is
 * @param digest of its unpacked content, so that packing it changes no id
 * @param bytes unpacked
 * @param csv whether it is CSV; otherwise it is NDJSON
 */
public record ReplayFile(Path path, String digest, long bytes, boolean csv) {
  private static final int BUFFER = 1 << 16;
  private static final int DIGEST_BYTES = 16;

  /**
   * Looks a file through.
   *
   * @throws ReplayException where it cannot be read, or is empty
   */
  public static ReplayFile of(Path path) {
    try (InputStream in = unpacked(path)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[BUFFER];
      long bytes = 0;
      boolean json = false;
      int length = in.read(buffer);
      while (length >= 0) {
        if (bytes == 0 && length > 0) {
          json = looksLikeJson(buffer, length);
        }
        digest.update(buffer, 0, length);
        bytes += length;
        length = in.read(buffer);
      }
      if (bytes == 0) {
        throw new ReplayException(path + " is empty");
      }
      String hex = HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
      return new ReplayFile(path, hex, bytes, isCsv(path, json));
    } catch (ZipException | EOFException e) {
      throw new ReplayException(path + " is no whole gzip file: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ReplayException("cannot read " + path + ": " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Its content, unpacked. */
  InputStream open() throws IOException {
    return unpacked(path);
  }

  private static InputStream unpacked(Path path) throws IOException {
    BufferedInputStream in = new BufferedInputStream(Files.newInputStream(path), BUFFER);
    in.mark(2);
    boolean packed = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return packed ? new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER) : in;
  }

  private static boolean isCsv(Path path, boolean looksLikeJson) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    if (name.endsWith(".csv")) {
      return true;
    }
    if (name.endsWith(".ndjson") || name.endsWith(".jsonl") || name.endsWith(".json")) {
      return false;
    }
    return !looksLikeJson;
  }

  private static boolean looksLikeJson(byte[] buffer, int length) {
    int at = 0;
    while (at < length && Character.isWhitespace(buffer[at])) {
      at++;
    }
    return at < length && buffer[at] == '{';
  }
}
