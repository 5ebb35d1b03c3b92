// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest digest = sha256();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int size;

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
    buffer[size++] = 0;
  }

  /** A number by its bits, an integer or a timestamp. */
  void integer(long value) {
    room(1 + Long.BYTES);
    buffer[size] = 1;
    LONG.set(buffer, size + 1, value);
    size += 1 + Long.BYTES;
  }

  /** The same, many at once. */
  void integers(long[] values, int count) {
    int i = 0;
    while (i < count) {
      room(1 + Long.BYTES);
      int end = Math.min(count, i + (BUFFER_BYTES - size) / (1 + Long.BYTES));
      int at = size;
      for (; i < end; i++, at += 1 + Long.BYTES) {
        buffer[at] = 1;
        LONG.set(buffer, at + 1, values[i]);
      }
      size = at;
    }
  }

  void flag(boolean value) {
    room(2);
    buffer[size++] = 1;
    buffer[size++] = (byte) (value ? 1 : 0);
  }

  void text(byte[] utf8) {
    room(1 + Integer.BYTES);
    buffer[size] = 1;
    INT.set(buffer, size + 1, utf8.length);
    size += 1 + Integer.BYTES;
    if (utf8.length > BUFFER_BYTES) {
      drain();
      digest.update(utf8);
      return;
    }
    room(utf8.length);
    System.arraycopy(utf8, 0, buffer, size, utf8.length);
    size += utf8.length;
  }

  String hex() {
    drain();
    return HexFormat.of().formatHex(digest.digest());
  }

  private void room(int bytes) {
    if (size + bytes > BUFFER_BYTES) {
      drain();
    }
  }

  private void drain() {
    digest.update(buffer, 0, size);
    size = 0;
  }
}
