// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The canonical form of a definition while it is compiled, and its SHA-256. Not thread-safe. */
final class DefinitionHash {
  private final StringBuilder canonical = new StringBuilder();

  /** Adds what changes the meaning of a state or of a value; null is nothing. */
  void line(String key, @Nullable Object value) {
    String text = value == null ? "" : value.toString();
    canonical.append(key).append('=').append(text.length()).append(':').append(text).append('\n');
  }

  /** In hexadecimal digits. */
  String sha256() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest(canonical.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
