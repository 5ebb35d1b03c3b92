// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * 64-bit hashes of canonical values, fixed for ever because they are stored. Equal numbers hash
 * alike whether they arrived as integers or not; a number never equals a text.
 */
final class Hashing {
  private static final long TEXT_SEED = 0x9E3779B97F4A7C15L;
  private static final long NUMBER_SEED = 0xC2B2AE3D27D4EB4FL;
  private static final long TRUTH_SEED = 0x165667B19E3779F9L;
  private static final long MULTIPLIER = 0xD6E8FEB86659FD93L;

  private Hashing() {}

  static long of(Object value) {
    return switch (value) {
      case String text -> text(text);
      case Long whole -> mix(whole ^ NUMBER_SEED);
      case Double number -> number(number);
      case Boolean truth -> mix(TRUTH_SEED + (truth ? 1 : 0));
      default -> throw new IllegalArgumentException("not a canonical value: " + value.getClass());
    };
  }

  private static long number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 0x1p63) {
      return mix((long) value ^ NUMBER_SEED);
    }
    return mix(Double.doubleToLongBits(value) * MULTIPLIER ^ NUMBER_SEED);
  }

  private static long text(String text) {
    long hash = TEXT_SEED ^ text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * MULTIPLIER;
      hash ^= hash >>> 32;
    }
    return mix(hash);
  }

  /** The finaliser of Murmur 3 (A. Appleby), a bijection in which every input bit matters. */
  static long mix(long value) {
    long hash = value;
    hash = (hash ^ hash >>> 33) * 0xFF51AFD7ED558CCDL;
    hash = (hash ^ hash >>> 33) * 0xC4CEB9FE1A85EC53L;
    return hash ^ hash >>> 33;
  }
}
