// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A value in the online store: the state of one view for one entity key.
 *
 * @param seq number of events applied to the view's group for this key
 * @param lastEventTimeMs greatest event time among them
 * @param state bytes of the view's plan
 */
public record OnlineRecord(long seq, long lastEventTimeMs, byte[] state) {
  private static final byte ENCODING = 1;
  private static final int HEADER_BYTES = 1 + Long.BYTES + Long.BYTES;

  /** The key of a view's state: {@code mr:<app>:<generation>:<view>:<entity key>}. */
  public static byte[] key(String app, String generation, String view, String entityKey) {
    return (prefix(app, generation) + view + ':' + entityKey).getBytes(StandardCharsets.UTF_8);
  }

  /** What all keys of a generation begin with. */
  public static String prefix(String app, String generation) {
    return "mr:" + app + ':' + generation + ':';
  }

  public byte[] toBytes() {
    return ByteBuffer.allocate(HEADER_BYTES + state.length)
        .put(ENCODING)
        .putLong(seq)
        .putLong(lastEventTimeMs)
        .put(state)
        .array();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException where the bytes are of another encoding
   */
  public static OnlineRecord of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < HEADER_BYTES || in.get() != ENCODING) {
      throw new IllegalArgumentException("not an online record");
    }
    return new OnlineRecord(
        in.getLong(), in.getLong(), Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OnlineRecord that
        && seq == that.seq
        && lastEventTimeMs == that.lastEventTimeMs
        && Arrays.equals(state, that.state);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(seq) * 31 + Arrays.hashCode(state);
  }
}
