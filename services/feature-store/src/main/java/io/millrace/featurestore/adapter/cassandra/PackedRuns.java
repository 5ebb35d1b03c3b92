// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * Runs of events as they are stored: the events of a run look alike, and each byte that the node
 * takes it writes into its log, its memory and, compaction after compaction, its files. A packed
 * run is a byte that no run begins with, the length of the run as four bytes, and an LZ4 block. One
 * that does not get shorter is stored as it is. Thread-safe.
 */
final class PackedRuns {
  private static final byte PACKED = 'L';
  private static final int HEAD = 1 + Integer.BYTES;

  /** An LZ4 block unpacks to at most so many times its length. */
  private static final int RATIO_MAX = 255;

  private static final LZ4Compressor COMPRESSOR = LZ4Factory.fastestInstance().fastCompressor();
  private static final LZ4SafeDecompressor DECOMPRESSOR =
      LZ4Factory.fastestInstance().safeDecompressor();

  private PackedRuns() {}

  static ByteBuffer pack(byte[] run) {
    byte[] packed = new byte[HEAD + COMPRESSOR.maxCompressedLength(run.length)];
    int length = HEAD + COMPRESSOR.compress(run, 0, run.length, packed, HEAD);
    if (length >= run.length) {
      return ByteBuffer.wrap(run);
    }
    ByteBuffer.wrap(packed).put(PACKED).putInt(run.length);
    return ByteBuffer.wrap(packed, 0, length);
  }

  /**
   * What was packed.
   *
   * @throws IllegalArgumentException where the bytes are damaged
   */
  static ByteBuffer unpack(ByteBuffer stored) {
    ByteBuffer in = stored.duplicate();
    if (!in.hasRemaining() || in.get(in.position()) != PACKED) {
      return in;
    }
    if (in.remaining() < HEAD) {
      throw new IllegalArgumentException("a packed run of " + in.remaining() + " bytes");
    }
    in.get();
    int length = in.getInt();
    if (length < 0 || length > (long) RATIO_MAX * in.remaining()) {
      throw new IllegalArgumentException("a packed run of " + length + " bytes");
    }
    byte[] packed = new byte[in.remaining()];
    in.get(packed);
    byte[] run = new byte[length];
    try {
      int found = DECOMPRESSOR.decompress(packed, 0, packed.length, run, 0);
      if (found != length) {
        throw new IllegalArgumentException("a packed run of " + found + ", not " + length);
      }
    } catch (LZ4Exception e) {
      throw new IllegalArgumentException("a packed run that is damaged", e);
    }
    return ByteBuffer.wrap(run);
  }
}
