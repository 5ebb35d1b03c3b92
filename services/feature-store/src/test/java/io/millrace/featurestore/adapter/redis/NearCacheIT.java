// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.millrace.featurestore.online.StoredValue;
import io.millrace.testkit.backend.Backends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is at hand is what Redis has: with a real Redis, written by others. An answer to a question
 * that was asked after a write was acknowledged proves that the notice of the write has come; so no
 * test here waits for a time to pass and hopes.
 */
class NearCacheIT {
  private static final int SECONDS = 60;

  private final String prefix = UUID.randomUUID() + ":";
  private final RedisClient client = RedisClient.create(Backends.redis().uri());
  private final StatefulRedisConnection<byte[], byte[]> others =
      client.connect(ByteArrayCodec.INSTANCE);
  private final RedisOnlineStore store = new RedisOnlineStore(Backends.redis().uri(), 1 << 20);

  /** What is read before Redis has agreed to give notice is not kept. */
  @BeforeEach
  void awaitTracking() throws Exception {
    prove();
  }

  @AfterEach
  void close() {
    store.close();
    client.shutdown();
  }

  private byte[] key(int number) {
    return (prefix + number).getBytes(UTF_8);
  }

  private static byte[] text(long value) {
    return Long.toString(value).getBytes(UTF_8);
  }

  private static long number(byte @Nullable [] value) {
    return value == null ? -1 : Long.parseLong(new String(value, UTF_8));
  }

  private static byte @Nullable [] bytes(@Nullable StoredValue value) {
    return value == null ? null : value.bytes();
  }

  private List<byte @Nullable []> read(byte[]... keys) throws Exception {
    return store.read(List.of(keys)).toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
  }

  /** Whatever was acknowledged before has been heard of after this. */
  private void prove() throws Exception {
    store.ping().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void known_writtenByAnother_isForgotten() throws Exception {
    others.sync().set(key(1), text(1));
    assertThat(store.known(key(1))).isNull();
    assertThat(number(read(key(1)).getFirst())).isEqualTo(1);
    prove();
    assertThat(number(bytes(store.known(key(1))))).isEqualTo(1);

    StoredValue kept = requireNonNull(store.known(key(1)));
    assertThat(kept.isCurrent()).isTrue();
    others.sync().set(key(1), text(2));
    prove();
    assertThat(kept.isCurrent()).isFalse();
    assertThat(store.known(key(1))).isNull();
    assertThat(number(read(key(1)).getFirst())).isEqualTo(2);
    assertThat(number(bytes(store.known(key(1))))).isEqualTo(2);
  }

  @Test
  void known_deletedOrAbsent_isNotAtHand() throws Exception {
    others.sync().set(key(1), text(1));
    assertThat(read(key(1), key(2)).get(1)).isNull();
    assertThat(store.known(key(2))).isNull();
    others.sync().unlink(key(1));
    prove();
    assertThat(store.known(key(1))).isNull();
    assertThat(read(key(1)).getFirst()).isNull();
  }

  @Test
  void known_connectionLost_isForgottenAndTrackedAnew() throws Exception {
    others.sync().set(key(1), text(1));
    read(key(1));
    prove();
    StoredValue kept = requireNonNull(store.known(key(1)));
    others.sync().clientKill(KillArgs.Builder.typeNormal().skipme());
    others.sync().set(key(1), text(2));
    awaitConnection();
    assertThat(kept.isCurrent()).isFalse();
    assertThat(store.known(key(1))).isNull();
    assertThat(number(read(key(1)).getFirst())).isEqualTo(2);
    // Notices come over the new connection as well: the answer to an earlier ping turned them on.
    prove();
    read(key(1));
    others.sync().set(key(1), text(3));
    prove();
    assertThat(number(read(key(1)).getFirst())).isEqualTo(3);
    assertThat(store.known(key(1)))
        .satisfiesAnyOf(
            known -> assertThat(known).isNull(),
            known -> assertThat(number(bytes(known))).isEqualTo(3));
  }

  private void awaitConnection() throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    while (true) {
      try {
        prove();
        return;
      } catch (ExecutionException e) {
        if (System.nanoTime() > until) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  @Test
  void known_whileOthersWriteAndRead_isNeverOlderThanTheLastProof() throws Exception {
    int keys = 40;
    AtomicLongArray acknowledged = new AtomicLongArray(keys);
    AtomicBoolean done = new AtomicBoolean();
    for (int key = 0; key < keys; key++) {
      others.sync().set(key(key), text(0));
    }
    long atHand = 0;
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> running = new ArrayList<>();
      running.add(
          threads.submit(
              () -> {
                SplittableRandom random = new SplittableRandom(1);
                for (long value = 1; !done.get(); value++) {
                  int key = random.nextInt(keys);
                  others.sync().set(key(key), text(value));
                  acknowledged.set(key, value);
                }
                return null;
              }));
      for (int reader = 0; reader < 3; reader++) {
        SplittableRandom random = new SplittableRandom(10 + reader);
        running.add(
            threads.submit(
                () -> {
                  while (!done.get()) {
                    read(key(random.nextInt(keys)), key(random.nextInt(keys)));
                  }
                  return null;
                }));
      }
      SplittableRandom random = new SplittableRandom(99);
      for (int i = 0; i < 20_000; i++) {
        int key = random.nextInt(keys);
        if (i % 10 == 0) {
          long least = acknowledged.get(key);
          prove();
          byte[] known = bytes(store.known(key(key)));
          assertThat(known == null ? Long.MAX_VALUE : number(known)).isGreaterThanOrEqualTo(least);
        } else if (store.known(key(key)) != null) {
          atHand++;
        }
      }
      done.set(true);
      for (Future<?> each : running) {
        each.get(SECONDS, TimeUnit.SECONDS);
      }
    }
    assertThat(atHand).as("values found at hand").isPositive();
  }

  @Test
  void known_madeRoomForOthers_isNotCurrentAnyMore() throws Exception {
    byte[] large = new byte[100_000];
    others.sync().set(key(0), large);
    read(key(0));
    prove();
    StoredValue first = requireNonNull(store.known(key(0)));
    for (int other = 1; other < 30; other++) {
      others.sync().set(key(other), large);
      read(key(other));
      prove();
      // Of more than fit, and whatever is not at hand any more must not be held for current.
      assertThat(first.isCurrent()).isEqualTo(store.known(key(0)) != null);
    }
    int current = 0;
    for (int key = 0; key < 30; key++) {
      current += store.known(key(key)) == null ? 0 : 1;
    }
    assertThat(current).isBetween(1, 10);
  }

  @Test
  void known_noRoomGiven_neverIsAtHand() throws Exception {
    try (RedisOnlineStore without = new RedisOnlineStore(Backends.redis().uri(), 0)) {
      others.sync().set(key(1), text(1));
      without.read(List.of(key(1))).toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
      without.ping().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
      assertThat(without.known(key(1))).isNull();
    }
  }
}
