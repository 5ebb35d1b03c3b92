// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

/**
 * Where a row came from: a record of the event's topic.
 *
 * @param partition partition
 * @param offset offset in it
 */
public record RowPlace(int partition, long offset) {
  @Override
  public String toString() {
    return partition + "/" + offset;
  }
}
