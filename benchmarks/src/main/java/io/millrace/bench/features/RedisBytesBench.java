// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.millrace.bench.Bench;
import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.stack.OnlineKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;

/**
 * What 250 integer features of an entity take in Redis, by {@code MEMORY USAGE} over 10,000
 * entities, keys included. Beside it the plain way: a hash with a field for each feature.
 */
public final class RedisBytesBench implements Bench {
  private static final int HASHES = 1_000;
  private static final int AT_ONCE = 10_000;
  private static final Duration WITHIN = Duration.ofMinutes(2);

  @Override
  public String name() {
    return "redis-bytes";
  }

  @Override
  public String description() {
    return "Redis bytes an entity with 250 integer features, beside one hash with a field for each";
  }

  @Override
  public void run(BenchRun run) {
    try (WideApplication wide = WideApplication.start(run);
        StatefulRedisConnection<byte[], byte[]> redis = wide.redis()) {
      String prefix = OnlineKeys.prefix(redis, WideApplication.key(0));
      List<byte[]> keys = OnlineKeys.matching(redis, prefix + "*");
      if (keys.size() != WideApplication.ENTITIES) {
        throw new BenchException("Redis holds " + keys.size() + " keys of the application");
      }
      double own = (double) bytes(redis, keys) / WideApplication.ENTITIES;
      double hashes = (double) bytes(redis, hashes(redis)) / HASHES;
      run.result(
          "25 views x 10 integer features",
          "memory",
          "B/entity",
          List.of(own),
          "one hash, a field a feature",
          List.of(hashes));
    }
  }

  private static List<byte[]> hashes(StatefulRedisConnection<byte[], byte[]> redis) {
    SplittableRandom random = new SplittableRandom(1);
    List<byte[]> keys = new ArrayList<>();
    for (int entity = 0; entity < HASHES; entity++) {
      Map<byte[], byte[]> fields = new HashMap<>();
      for (int view = 0; view < WideApplication.VIEWS; view++) {
        for (int i = 0; i < WideApplication.FEATURES; i++) {
          fields.put(
              bytes(WideApplication.view(view) + ".x" + i),
              bytes(Integer.toString(random.nextInt(1 << 14))));
        }
      }
      byte[] key = bytes("hash:" + WideApplication.key(entity));
      redis.sync().hset(key, fields);
      keys.add(key);
    }
    return keys;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static long bytes(StatefulRedisConnection<byte[], byte[]> redis, List<byte[]> keys) {
    long sum = 0;
    for (int from = 0; from < keys.size(); from += AT_ONCE) {
      List<RedisFuture<Long>> answers =
          keys.subList(from, Math.min(from + AT_ONCE, keys.size())).stream()
              .map(key -> redis.async().memoryUsage(key))
              .toList();
      if (!LettuceFutures.awaitAll(WITHIN, answers.toArray(RedisFuture[]::new))) {
        throw new BenchException("Redis did not tell its memory within " + WITHIN);
      }
      try {
        for (RedisFuture<Long> answer : answers) {
          sum += answer.get();
        }
      } catch (ExecutionException e) {
        throw new BenchException("Redis: " + e.getCause(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BenchException("interrupted", e);
      }
    }
    return sum;
  }
}
