// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.lz4;

import io.millrace.featurestore.history.Packing;
import java.nio.ByteBuffer;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * Packs events as they are stored: the events of a run look alike, and each byte that a store takes
 * it writes into its log, its memory and, compaction after compaction, its files. Packed bytes are
 * an {@code L}, with which no plain ones may begin, their plain length as four bytes, and an LZ4
 * block. Thread-safe.
 */
public final class Lz4Packing implements Packing {
  private static final byte PACKED = 'L';
  private static final int HEAD = 1 + Integer.BYTES;

  /** An LZ4 block unpacks to at most so many times its length. */
  private static final int RATIO_MAX = 255;

  private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
  private final LZ4SafeDecompressor decompressor = LZ4Factory.fastestInstance().safeDecompressor();

  @Override
  public ByteBuffer pack(byte[] bytes, int length) {
    if (length > 0 && bytes[0] == PACKED) {
      throw new IllegalArgumentException("plain bytes that begin as packed ones do");
    }
    byte[] packed = new byte[HEAD + compressor.maxCompressedLength(length)];
    int size = HEAD + compressor.compress(bytes, 0, length, packed, HEAD);
    if (size >= length) {
      return ByteBuffer.wrap(Arrays.copyOf(bytes, length));
    }
    ByteBuffer.wrap(packed).put(PACKED).putInt(length);
    return ByteBuffer.wrap(packed, 0, size);
  }

  @Override
  public int unpackedLength(ByteBuffer stored) {
    int at = stored.position();
    if (!stored.hasRemaining() || stored.get(at) != PACKED) {
      return stored.remaining();
    }
    if (stored.remaining() < HEAD) {
      throw new IllegalArgumentException("packed bytes, " + stored.remaining() + " of them");
    }
    int length = stored.getInt(at + 1);
    if (length < 0 || length > (long) RATIO_MAX * (stored.remaining() - HEAD)) {
      throw new IllegalArgumentException("packed bytes that say to be " + length + " bytes");
    }
    return length;
  }

  @Override
  public ByteBuffer unpack(ByteBuffer stored) {
    int length = unpackedLength(stored);
    ByteBuffer in = stored.duplicate();
    if (!in.hasRemaining() || in.get(in.position()) != PACKED) {
      return in;
    }
    byte[] packed = new byte[in.remaining() - HEAD];
    in.get(in.position() + HEAD, packed);
    byte[] plain = new byte[length];
    try {
      int found = decompressor.decompress(packed, 0, packed.length, plain, 0);
      if (found != length) {
        throw new IllegalArgumentException("packed bytes that are " + found + ", not " + length);
      }
    } catch (LZ4Exception e) {
      throw new IllegalArgumentException("packed bytes that are damaged", e);
    }
    return ByteBuffer.wrap(plain);
  }
}
