// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.redis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.featurestore.online.StoredValue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values that were read from Redis, at hand until Redis says that they have changed:
 * server-assisted client-side caching (Redis documentation, "Client-side caching", default mode).
 * Redis tells the connection that read a key, once, when the key is written, deleted or lost.
 *
 * <p>What a connection is sent arrives in order. So a value is not put here that was answered
 * before a change whose notice came after the answer: whoever asks leaves a mark, a notice removes
 * the mark as it would the value, and an answer only takes the place of its own mark. And an answer
 * to a question that was asked at some moment proves that all notices from before it have arrived:
 * without such a proof of the last {@link #PROOF} nothing is given from here. Thread-safe.
 */
final class NearCache {
  /** How old the last proof may be that no notice is on its way. */
  static final Duration PROOF = Duration.ofSeconds(2);

  /** Of an entry, beside key and value. */
  private static final int OVERHEAD_BYTES = 120;

  private final Cache<Key, Object> entries;
  private volatile boolean tracking;
  private volatile long provenAtNanos;

  /**
   * @param bytesMax about how much memory the values may take; 0 keeps none
   */
  NearCache(long bytesMax) {
    entries =
        Caffeine.newBuilder()
            .maximumWeight(bytesMax)
            .<Key, Object>weigher((key, value) -> OVERHEAD_BYTES + key.bytes.length + size(value))
            // Evicting is quick, and a thread pool's threads are not.
            .executor(Runnable::run)
            .removalListener(
                (key, value, cause) -> {
                  if (value instanceof Kept kept) {
                    kept.gone = true;
                  }
                })
            .build();
  }

  private static int size(Object value) {
    return value instanceof Kept kept ? kept.bytes.length : 0;
  }

  /** A value that is at hand. Who holds on to it need not look it up again while it is current. */
  private final class Kept implements StoredValue {
    private final byte[] bytes;
    private volatile boolean gone;

    Kept(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public byte[] bytes() {
      return bytes;
    }

    @Override
    public boolean isCurrent() {
      return !gone && isProven();
    }
  }

  private static final class Key {
    private final byte[] bytes;
    private final int hash;

    Key(byte[] bytes) {
      this.bytes = bytes;
      this.hash = Arrays.hashCode(bytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key && hash == key.hash && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /** A question that has been sent; the mark that it leaves. */
  static final class Asked {
    private Asked() {}
  }

  /** A value that is as it is in Redis; null where Redis must be asked. */
  @Nullable StoredValue get(byte[] key) {
    return isProven() && entries.getIfPresent(new Key(key)) instanceof Kept kept ? kept : null;
  }

  private boolean isProven() {
    return tracking && System.nanoTime() - provenAtNanos < PROOF.toNanos();
  }

  /** Before a question for these keys is sent; null where its answer cannot be kept. */
  @Nullable Asked asking(List<byte[]> keys) {
    if (!tracking) {
      return null;
    }
    Asked asked = new Asked();
    for (byte[] key : keys) {
      entries.asMap().putIfAbsent(new Key(key), asked);
    }
    return asked;
  }

  /** What Redis has answered to a question; null where it knows no such key. */
  void answered(@Nullable Asked asked, byte[] key, byte @Nullable [] value) {
    if (asked == null) {
      return;
    }
    if (value == null) {
      // That a key is not there says something only together with the mark of the whole.
      entries.asMap().remove(new Key(key), asked);
    } else {
      entries.asMap().replace(new Key(key), asked, new Kept(value));
    }
  }

  /** The question was not answered. */
  void failed(@Nullable Asked asked, List<byte[]> keys) {
    if (asked != null) {
      keys.forEach(key -> entries.asMap().remove(new Key(key), asked));
    }
  }

  /** Redis gives notice from now on. */
  void tracking() {
    tracking = true;
  }

  /** Redis does not give notice any more; what was kept is worth nothing. */
  void lost() {
    tracking = false;
    entries.invalidateAll();
  }

  /** An answer has come to a question that was sent at that moment. */
  void proven(long askedAtNanos) {
    provenAtNanos = askedAtNanos;
  }

  /** Takes a notice: that keys have changed, or all of them where the list is null. */
  void changed(@Nullable List<?> keys) {
    if (keys == null) {
      entries.invalidateAll();
      return;
    }
    for (Object key : keys) {
      if (key instanceof byte[] bytes) {
        entries.invalidate(new Key(bytes));
      }
    }
  }

  /** The bytes of a part of a notice. */
  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
