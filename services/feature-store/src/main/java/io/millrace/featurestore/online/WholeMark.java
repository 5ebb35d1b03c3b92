// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import org.jspecify.annotations.Nullable;

/**
 * The value that says which parts of a group have all their keys in the online store: two bytes,
 * the number of parts, then a bit for each, the first one the highest of its byte. It lies in the
 * store itself and is lost with what it speaks of.
 */
public final class WholeMark {
  /** Where the bits begin. */
  public static final int HEAD_BITS = 16;

  private WholeMark() {}

  /** The first bytes of the value. */
  public static byte[] head(int parts) {
    return new byte[] {(byte) (parts >> 8), (byte) parts};
  }

  /** Whether every part has all its keys. */
  static boolean isWhole(byte @Nullable [] mark) {
    if (mark == null || mark.length < 2) {
      return false;
    }
    int parts = ((mark[0] & 0xff) << 8) | (mark[1] & 0xff);
    for (int part = 0; part < parts; part++) {
      int bit = HEAD_BITS + part;
      if (bit / 8 >= mark.length || (mark[bit / 8] & (0x80 >> (bit % 8))) == 0) {
        return false;
      }
    }
    return parts > 0;
  }
}
