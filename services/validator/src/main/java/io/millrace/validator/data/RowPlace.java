// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

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

  void write(DataOutput out) throws IOException {
    out.writeInt(partition);
    out.writeLong(offset);
  }

  static RowPlace read(DataInput in) throws IOException {
    return new RowPlace(in.readInt(), in.readLong());
  }
}
