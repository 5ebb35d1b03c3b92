// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * Texts as states keep them: bounded, so that a state is. What is longer keeps its beginning, a
 * {@code #} and 16 hexadecimal digits of the 64-bit hash of the whole text, so that different texts
 * stay different (up to a collision of the hash) and equal ones equal. It happens where an event
 * enters a state, and so alike in the stream, at a read, in a dataset and in a replay.
 */
final class KeptText {
  /** Bytes of UTF-8 that a value takes at most: of first, last, first_n, last_n. */
  static final int VALUE_BYTES = 1_024;

  /**
   * Bytes of UTF-8 that a category takes at most: of histogram, most_frequent, entropy, by. A tile
   * may hold a thousand of them.
   */
  static final int CATEGORY_BYTES = 128;

  /** Both, for a definition's hash. */
  static final String BOUNDS = VALUE_BYTES + "/" + CATEGORY_BYTES;

  private static final char MARK = '#';
  private static final int DIGITS = 16;

  /** No char takes more bytes of UTF-8; two that are one character take four. */
  private static final int CHAR_BYTES_MAX = 3;

  private KeptText() {}

  static String value(String text) {
    return bounded(text, VALUE_BYTES);
  }

  static String category(String text) {
    return bounded(text, CATEGORY_BYTES);
  }

  private static String bounded(String text, int most) {
    if (text.length() * (long) CHAR_BYTES_MAX <= most) {
      return text;
    }
    int room = most - 1 - DIGITS;
    int kept = 0;
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      bytes += bytesOf(text.charAt(i));
      if (bytes <= room) {
        kept = i + 1;
      } else if (bytes > most) {
        return shortened(text, kept);
      }
    }
    return text;
  }

  private static int bytesOf(char unit) {
    if (unit < 0x80) {
      return 1;
    }
    // Half of a character of four.
    return unit < 0x800 || Character.isSurrogate(unit) ? 2 : CHAR_BYTES_MAX;
  }

  private static String shortened(String text, int kept) {
    boolean cutsCharacter =
        kept > 0
            && Character.isHighSurrogate(text.charAt(kept - 1))
            && Character.isLowSurrogate(text.charAt(kept));
    String hash = Long.toHexString(Hashing.of(text));
    return text.substring(0, cutsCharacter ? kept - 1 : kept)
        + MARK
        + "0".repeat(DIGITS - hash.length())
        + hash;
  }
}
