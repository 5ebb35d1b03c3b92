// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.apache.datasketches.frequencies.FrequentLongsSketch;

/**
 * Length-prefixed blocks, bounded so that damaged bytes cannot ask for unbounded memory, and since
 * format 3 a checksum over all of them, because a sketch believes whatever its bytes say.
 */
final class ProfileBytes {
  static final int FORMAT = 3;

  /** The same without a checksum; still read. */
  static final int UNCHECKED_FORMAT = 2;

  private static final int MAX_BLOCK_BYTES = 1 << 20;

  private ProfileBytes() {}

  /** The bytes with their checksum after them. */
  static byte[] sealed(byte[] bytes) {
    return ByteBuffer.allocate(bytes.length + Integer.BYTES)
        .put(bytes)
        .putInt(checksum(bytes, bytes.length))
        .array();
  }

  /** Whether the last four bytes are the checksum of those before. */
  static boolean intact(byte[] bytes) {
    int length = bytes.length - Integer.BYTES;
    return length > 0 && ByteBuffer.wrap(bytes).getInt(length) == checksum(bytes, length);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return (int) checksum.getValue();
  }

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
