// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.nio.ByteBuffer;

/** Makes bytes that look alike shorter, and gives them back as they were. Thread-safe. */
public interface Packing {
  /**
   * Packs some bytes; where they do not get shorter, they are only copied.
   *
   * @param bytes whose first one tells what they are; see the implementation for what it must not
   *     be
   * @param length how many of them
   */
  ByteBuffer pack(byte[] bytes, int length);

  /**
   * Length of what was packed.
   *
   * @throws IllegalArgumentException where the bytes are damaged
   */
  int unpackedLength(ByteBuffer stored);

  /**
   * What was packed.
   *
   * @throws IllegalArgumentException where the bytes are damaged
   */
  ByteBuffer unpack(ByteBuffer stored);
}
