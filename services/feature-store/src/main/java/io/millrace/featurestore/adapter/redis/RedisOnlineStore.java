// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.ByteArrayCodec;
import io.millrace.featurestore.online.OnlineStore;
import io.millrace.featurestore.online.StoredValue;
import io.millrace.featurestore.online.WholeMark;
import java.net.SocketAddress;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * States in Redis, one string each, by pipelined {@code MSET} and {@code MGET} over one connection
 * for writing and one for reading. Commands are refused while Redis is away, never queued. What was
 * read is at hand until Redis gives notice of a change: see {@link NearCache}. Thread-safe.
 */
public final class RedisOnlineStore implements OnlineStore, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RedisOnlineStore.class);
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
  private final NearCache near;
  private volatile String epoch = "";

  /**
   * Connects.
   *
   * @param uri {@code redis://host:port}
   * @param nearBytesMax memory for values that need not be read again; 0 for none
   */
  public RedisOnlineStore(String uri, long nearBytesMax) {
    near = new NearCache(nearBytesMax);
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
    if (nearBytesMax > 0) {
      reading.addListener(this::pushed);
      reading.addListener(new Tracking());
      track();
    }
  }

  /** Asks for notices again after each time that the connection was lost. */
  private final class Tracking implements RedisConnectionStateListener {
    @Override
    public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
      track();
    }

    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
      near.lost();
    }
  }

  private void track() {
    long askedAt = System.nanoTime();
    reading
        .async()
        .clientTracking(TrackingArgs.Builder.enabled())
        .whenComplete(
            (ok, failure) -> {
              if (failure == null) {
                near.tracking();
                near.proven(askedAt);
              } else {
                LOG.info(
                    "Redis gives no notice of changes: each read asks it. {}", failure.toString());
              }
            });
  }

  private void pushed(PushMessage message) {
    if (message.getType().equals("invalidate")) {
      near.changed((List<?>) message.getContent(NearCache::bytes).get(1));
    }
  }

  @Override
  public @Nullable StoredValue known(byte[] key) {
    return near.get(key);
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
    NearCache.Asked asked = near.asking(keys);
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
                  byte[] value = each.hasValue() ? each.getValue() : null;
                  near.answered(asked, keys.get(values.size()), value);
                  values.add(value);
                }
              }
              return (List<byte @Nullable []>) values;
            })
        .whenComplete(
            (values, failure) -> {
              if (failure != null) {
                near.failed(asked, keys);
              }
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
    long askedAt = System.nanoTime();
    return reading
        .async()
        .get(EPOCH_KEY)
        .thenApply(
            found -> {
              near.proven(askedAt);
              return found;
            })
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
