// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

/** Keys of the stores of the second stage: they sort by event, then by span. */
final class SpanKeys {
  private static final char SEPARATOR = '/';

  private SpanKeys() {}

  /**
   * @param order start of the span in milliseconds, or its number
   */
  static String of(String event, long order) {
    return event + SEPARATOR + "%016x".formatted(order ^ Long.MIN_VALUE);
  }

  static String event(String key) {
    return key.substring(0, key.lastIndexOf(SEPARATOR));
  }

  static long order(String key) {
    return Long.parseUnsignedLong(key.substring(key.lastIndexOf(SEPARATOR) + 1), 16)
        ^ Long.MIN_VALUE;
  }

  /** Smallest key of an event. */
  static String first(String event) {
    return of(event, Long.MIN_VALUE);
  }

  /** Largest key of an event. */
  static String last(String event) {
    return of(event, Long.MAX_VALUE);
  }
}
