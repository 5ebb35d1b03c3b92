// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.apache.datasketches.frequencies.FrequentLongsSketch;

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

  /** The sketch itself where it has this many counters at most, else one that does. */
  static FrequentLongsSketch narrowed(FrequentLongsSketch sketch, int mapSize) {
    FrequentLongsSketch narrow = new FrequentLongsSketch(mapSize);
    return sketch.getMaximumMapCapacity() <= narrow.getMaximumMapCapacity()
        ? sketch
        : narrow.merge(sketch);
  }
}
