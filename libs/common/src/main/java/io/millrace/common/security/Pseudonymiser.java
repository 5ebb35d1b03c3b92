// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keyed hash (HMAC-SHA-256, RFC 2104, first 128 bits as lower-case hex) that replaces a personal
 * value. The same value of the same application and field gives the same pseudonym; without the key
 * it can be neither reversed nor guessed. Thread-safe.
 */
public final class Pseudonymiser {
  /** Least length of the key in bytes. */
  public static final int KEY_BYTES_MIN = 16;

  private static final String ALGORITHM = "HmacSHA256";
  private static final int HASH_BYTES = 16;

  private final SecretKeySpec key;

  /**
   * @throws IllegalArgumentException where the key is shorter than {@value #KEY_BYTES_MIN} bytes
   */
  public Pseudonymiser(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < KEY_BYTES_MIN) {
      throw new IllegalArgumentException(
          "the pseudonymisation key needs at least " + KEY_BYTES_MIN + " bytes");
    }
    this.key = new SecretKeySpec(bytes, ALGORITHM);
  }

  /** The pseudonym of a value of a field of an application, 32 hexadecimal digits. */
  public String pseudonym(String app, String field, String value) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(app.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      mac.update(field.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      byte[] hash = mac.doFinal(value.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
