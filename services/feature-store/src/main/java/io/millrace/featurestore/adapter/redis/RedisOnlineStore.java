// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.millrace.featurestore.online.OnlineStore;
import io.millrace.featurestore.online.WholeMark;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * States in Redis, one string each, by pipelined {@code MSET} and {@code MGET} over one connection
 * for writing and one for reading. Commands are refused while Redis is away, never queued.
 * Thread-safe.
 */
public final class RedisOnlineStore implements OnlineStore, AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final int QUEUE_MAX = 20_000;
  private static final long SCAN_KEYS = 1000;

  /** Marks a part, unless everything has been lost since its keys were written. */
  private static final String WHOLE =
      """
      if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
      redis.call('SETRANGE', KEYS[1], 0, ARGV[2])
      redis.call('SETBIT', KEYS[1], ARGV[3], 1)
      return 1
      """;

  private static final byte[] EPOCH_KEY = "mr-epoch".getBytes(StandardCharsets.UTF_8);

  private final RedisClient client;
  private final StatefulRedisConnection<byte[], byte[]> writing;
  private final StatefulRedisConnection<byte[], byte[]> reading;
  private volatile String epoch = "";

  /**
   * Connects.
   *
   * @param uri {@code redis://host:port}
   */
  public RedisOnlineStore(String uri) {
    RedisURI address = RedisURI.create(uri);
    address.setTimeout(TIMEOUT);
    client = RedisClient.create(address);
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(true)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .requestQueueSize(QUEUE_MAX)
            .timeoutOptions(TimeoutOptions.enabled(TIMEOUT))
            .socketOptions(SocketOptions.builder().connectTimeout(TIMEOUT).keepAlive(true).build())
            .build());
    writing = client.connect(ByteArrayCodec.INSTANCE);
    reading = client.connect(ByteArrayCodec.INSTANCE);
  }

  @Override
  public CompletionStage<Void> write(List<Put> puts) {
    List<CompletableFuture<?>> sent = new ArrayList<>();
    for (int from = 0; from < puts.size(); from += TOGETHER) {
      List<Put> chunk = puts.subList(from, Math.min(puts.size(), from + TOGETHER));
      // Byte arrays have no equality of their own, and the keys of a call are distinct.
      Map<byte[], byte[]> values = new IdentityHashMap<>();
      chunk.forEach(put -> values.put(put.key(), put.value()));
      sent.add(writing.async().mset(values).toCompletableFuture());
    }
    return CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new));
  }

  @Override
  public CompletionStage<List<byte @Nullable []>> read(List<byte[]> keys) {
    List<RedisFuture<List<KeyValue<byte[], byte[]>>>> sent = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += TOGETHER) {
      byte[][] chunk =
          keys.subList(from, Math.min(keys.size(), from + TOGETHER)).toArray(byte[][]::new);
      sent.add(reading.async().mget(chunk));
    }
    return CompletableFuture.allOf(
            sent.stream()
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture[]::new))
        .thenApply(
            ok -> {
              List<byte @Nullable []> values = new ArrayList<>(keys.size());
              for (RedisFuture<List<KeyValue<byte[], byte[]>>> answer : sent) {
                for (KeyValue<byte[], byte[]> each : answer.toCompletableFuture().join()) {
                  values.add(each.hasValue() ? each.getValue() : null);
                }
              }
              return values;
            });
  }

  @Override
  public boolean keepsWhole() {
    return true;
  }

  @Override
  public CompletionStage<Boolean> whole(byte[] mark, String epoch, int part, int parts) {
    RedisFuture<Long> marked =
        writing
            .async()
            .eval(
                WHOLE,
                ScriptOutputType.INTEGER,
                new byte[][] {mark, EPOCH_KEY},
                epoch.getBytes(StandardCharsets.UTF_8),
                WholeMark.head(parts),
                Integer.toString(WholeMark.HEAD_BITS + part).getBytes(StandardCharsets.US_ASCII));
    return marked.thenApply(answer -> answer == 1);
  }

  @Override
  public void deleteByPrefix(String prefix) {
    ScanArgs pattern =
        ScanArgs.Builder.limit(SCAN_KEYS)
            .match((glob(prefix) + "*").getBytes(StandardCharsets.UTF_8));
    ScanCursor cursor = ScanCursor.INITIAL;
    while (!cursor.isFinished()) {
      KeyScanCursor<byte[]> page = writing.sync().scan(cursor, pattern);
      if (!page.getKeys().isEmpty()) {
        writing.sync().unlink(page.getKeys().toArray(byte[][]::new));
      }
      cursor = page;
    }
  }

  private static String glob(String text) {
    return text.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
  }

  @Override
  public String epoch() {
    return epoch;
  }

  /** Completes when Redis answers; then it is known which epoch it is in. */
  public CompletionStage<String> ping() {
    return reading
        .async()
        .get(EPOCH_KEY)
        .thenCompose(found -> found == null ? newEpoch() : CompletableFuture.completedStage(found))
        .thenApply(found -> epoch = new String(found, StandardCharsets.UTF_8));
  }

  /** Whoever misses the epoch first begins the next one, for all. */
  private CompletionStage<byte[]> newEpoch() {
    byte[] mine = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
    return reading
        .async()
        .set(EPOCH_KEY, mine, SetArgs.Builder.nx())
        .thenCompose(done -> reading.async().get(EPOCH_KEY))
        .thenApply(found -> found == null ? mine : found);
  }

  @Override
  public void close() {
    writing.close();
    reading.close();
    client.shutdown(Duration.ZERO, TIMEOUT);
  }
}
