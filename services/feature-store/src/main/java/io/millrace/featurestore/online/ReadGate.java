// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

/**
 * Lets a bounded number of reads, with a bounded number of values together, be answered at a time;
 * one more is refused at once instead of queued. A read of more values than the bound passes alone.
 * Thread-safe.
 */
public final class ReadGate {
  private final int readsMax;
  private final long valuesMax;
  private int reads;
  private long values;

  /**
   * @param readsMax reads at a time, at least 1
   * @param valuesMax values of all of them together, at least 1
   */
  public ReadGate(int readsMax, long valuesMax) {
    if (readsMax < 1 || valuesMax < 1) {
      throw new IllegalArgumentException("a gate lets at least one read and one value pass");
    }
    this.readsMax = readsMax;
    this.valuesMax = valuesMax;
  }

  /**
   * Enters with a read of so many values; {@link #leave} must follow.
   *
   * @throws OverloadedException where it is full
   */
  synchronized void enter(long count) {
    if (reads >= readsMax || (reads > 0 && values + count > valuesMax)) {
      throw new OverloadedException(
          "%d reads of %d values are being answered; at most %d of %d together are"
              .formatted(reads, values, readsMax, valuesMax));
    }
    reads++;
    values += count;
  }

  synchronized void leave(long count) {
    reads--;
    values -= count;
  }
}
