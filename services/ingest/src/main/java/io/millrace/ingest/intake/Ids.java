// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Short digests of ids and contents: prefixes of SHA-256. */
final class Ids {
  private static final int ID_BYTES = 16;

  private Ids() {}

  /** 16 bytes for an id of a kind of event; two ids collide with probability 2^-64 at 2^32 ids. */
  static IdHash id(String event, String id) {
    return new IdHash(Arrays.copyOf(sha256(event, id), ID_BYTES));
  }

  /** 8 bytes for what was rejected and why. */
  static long content(String reason, String content) {
    return ByteBuffer.wrap(sha256(reason, content)).getLong();
  }

  private static byte[] sha256(String first, String second) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(first.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      return digest.digest(second.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
