// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * SHA-256 over the logical values of one column: a presence byte, then 8 bytes big-endian for
 * numbers, integers and timestamps, 1 for booleans, or length and UTF-8 for text. Not thread-safe.
 */
final class ContentHash {
  private static final int BUFFER_BYTES = 8192;

  private final MessageDigest digest = sha256();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Hash of a whole dataset from its columns'. */
  static String ofColumns(List<DatasetManifest.ManifestColumn> columns) {
    MessageDigest all = sha256();
    for (DatasetManifest.ManifestColumn column : columns) {
      String line = column.name() + '\u0000' + column.type() + '\u0000' + column.sha256() + '\n';
      all.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(all.digest());
  }

  void missing() {
    room(1);
    buffer.put((byte) 0);
  }

  void number(double value) {
    integer(Double.doubleToLongBits(value));
  }

  void integer(long value) {
    room(1 + Long.BYTES);
    buffer.put((byte) 1).putLong(value);
  }

  void flag(boolean value) {
    room(2);
    buffer.put((byte) 1).put((byte) (value ? 1 : 0));
  }

  void text(byte[] utf8) {
    room(1 + Integer.BYTES);
    buffer.put((byte) 1).putInt(utf8.length);
    drain();
    digest.update(utf8);
  }

  String hex() {
    drain();
    return HexFormat.of().formatHex(digest.digest());
  }

  private void room(int bytes) {
    if (buffer.remaining() < bytes) {
      drain();
    }
  }

  private void drain() {
    digest.update(buffer.array(), 0, buffer.position());
    buffer.clear();
  }
}
