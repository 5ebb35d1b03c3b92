// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.millrace.bench.BenchException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys under which Redis holds online features: what is the same for all views of an
 * application, then the view, a colon and the entity key.
 */
public final class OnlineKeys {
  private static final int SCAN = 10_000;

  private OnlineKeys() {}

  /**
   * What all keys begin with, up to the name of the view.
   *
   * @param view some view, and the key of an entity that has it
   * @throws BenchException where Redis has no such key
   */
  public static String prefix(
      StatefulRedisConnection<byte[], byte[]> redis, String view, String entityKey) {
    String end = view + ":" + entityKey;
    return matching(redis, "*:" + end).stream()
        .map(key -> new String(key, StandardCharsets.UTF_8))
        .map(key -> key.substring(0, key.length() - end.length()))
        .findFirst()
        .orElseThrow(() -> new BenchException("Redis has no key that ends in " + end));
  }

  /** All keys that match a pattern of Redis. */
  public static List<byte[]> matching(
      StatefulRedisConnection<byte[], byte[]> redis, String pattern) {
    ScanArgs matching = ScanArgs.Builder.matches(pattern).limit(SCAN);
    KeyScanCursor<byte[]> cursor = redis.sync().scan(matching);
    List<byte[]> keys = new ArrayList<>(cursor.getKeys());
    while (!cursor.isFinished()) {
      cursor = redis.sync().scan(cursor, matching);
      keys.addAll(cursor.getKeys());
    }
    return keys;
  }
}
