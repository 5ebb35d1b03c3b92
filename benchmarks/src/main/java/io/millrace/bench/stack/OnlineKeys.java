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
 * The keys under which Redis holds online features: what is the same for all entities of a group of
 * views, up to a colon, then the entity key.
 */
public final class OnlineKeys {
  private static final int SCAN = 10_000;

  private OnlineKeys() {}

  /**
   * What all keys of a group begin with, up to the entity key.
   *
   * @param entityKey the key of an entity that has features of one group only
   * @throws BenchException where Redis has no such key
   */
  public static String prefix(StatefulRedisConnection<byte[], byte[]> redis, String entityKey) {
    return matching(redis, "*:" + entityKey).stream()
        .map(key -> new String(key, StandardCharsets.UTF_8))
        .map(key -> key.substring(0, key.length() - entityKey.length()))
        .findFirst()
        .orElseThrow(() -> new BenchException("Redis has no key that ends in " + entityKey));
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
