// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The key that every writing request has to carry. Comparison takes the same time for any answer.
 */
public final class ApiKey {
  /** HTTP header that carries it. */
  public static final String HEADER = "X-API-Key";

  private final byte[] key;

  /**
   * @throws IllegalArgumentException where the key is blank
   */
  public ApiKey(String key) {
    if (key.isBlank()) {
      throw new IllegalArgumentException("MILLRACE_API_KEY is blank");
    }
    this.key = key.getBytes(StandardCharsets.UTF_8);
  }

  public boolean matches(@Nullable String presented) {
    return presented != null
        && MessageDigest.isEqual(key, presented.getBytes(StandardCharsets.UTF_8));
  }
}
