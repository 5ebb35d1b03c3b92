// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Length-prefixed blocks, bounded so that damaged bytes cannot ask for unbounded memory. */
final class ProfileBytes {
  static final int FORMAT = 2;
  private static final int MAX_BLOCK_BYTES = 1 << 20;

  private ProfileBytes() {}

  static void writeBlock(DataOutput out, byte[] block) throws IOException {
    out.writeInt(block.length);
    out.write(block);
  }

  static byte[] readBlock(DataInput in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAX_BLOCK_BYTES) {
      throw new IOException("block of " + length + " bytes");
    }
    byte[] block = new byte[length];
    in.readFully(block);
    return block;
  }
}
