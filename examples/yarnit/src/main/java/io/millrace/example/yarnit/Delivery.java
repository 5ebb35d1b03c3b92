// SPDX-License-Identifier: Apache-2.0
package io.millrace.example.yarnit;

/**
 * One message on its way.
 *
 * @param event {@code impression} or {@code click}
 * @param json what is sent
 * @param dueMs event-time clock at which it is sent
 * @param fate what must become of it
 */
record Delivery(String event, String json, long dueMs, Fate fate) implements Comparable<Delivery> {

  /** What must become of a message. */
  enum Fate {
    ACCEPTED,
    REJECTED,
    DUPLICATE
  }

  @Override
  public int compareTo(Delivery other) {
    return Long.compare(dueMs, other.dueMs);
  }
}
