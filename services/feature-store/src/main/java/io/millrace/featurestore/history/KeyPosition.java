// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Places texts evenly in [0, 1), so that "below a share" is a sample that never changes. */
public final class KeyPosition {
  private KeyPosition() {}

  /**
   * A number in [0, 1) that follows from the texts alone.
   *
   * @param purpose samples of different purposes are independent of each other; blank is one too
   */
  public static double of(String purpose, String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      if (!purpose.isEmpty()) {
        digest.update((purpose + '\u0000').getBytes(StandardCharsets.UTF_8));
      }
      byte[] hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
      return (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1.0p-53;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
