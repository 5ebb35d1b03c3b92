// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.redis;

import io.lettuce.core.SetArgs;
import io.millrace.ingest.intake.IntakeUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells other instances that this process is alive: a key per process that is renewed every second.
 *
 * <p>Why nobody writes on behalf of a lease that others hold for lapsed: {@link #mayWrite} is true
 * only while the lease outlives the longest delivery that could begin now. A process that is halted
 * between that look and its write for longer than the margin of the lease could break this; nothing
 * but a fenced log could exclude it.
 */
public final class RedisLease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLease.class);
  private static final Duration RENEWAL = Duration.ofSeconds(1);

  private final RedisConnection redis;
  private final long epoch;
  private final Duration length;
  private final long usableNanos;
  private final ScheduledExecutorService renewals =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("redis-lease").factory());
  private volatile long renewedAtNanos;
  private volatile boolean held;

  /**
   * @param epoch this process, not 0
   * @param length how long the lease lasts after its last renewal
   * @param delivery the longest that a write takes from its beginning to its certain end
   */
  public RedisLease(RedisConnection redis, long epoch, Duration length, Duration delivery) {
    if (length.minus(delivery).compareTo(RENEWAL.multipliedBy(2)) < 0) {
      throw new IllegalArgumentException("the lease must outlast a delivery by two renewals");
    }
    this.redis = redis;
    this.epoch = epoch;
    this.length = length;
    this.usableNanos = length.minus(delivery).toNanos();
    renewals.scheduleWithFixedDelay(this::renew, 0, RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  long epoch() {
    return epoch;
  }

  boolean isAlive(long other) {
    if (other == 0) {
      return false;
    }
    Long found = redis.run(commands -> commands.exists(key(other)));
    return found != null && found > 0;
  }

  boolean mayWrite() {
    return held && System.nanoTime() - renewedAtNanos < usableNanos;
  }

  private void renew() {
    long before = System.nanoTime();
    try {
      redis.run(
          commands ->
              commands.set(key(epoch), new byte[] {'1'}, SetArgs.Builder.px(length.toMillis())));
      renewedAtNanos = before;
      held = true;
    } catch (IntakeUnavailableException e) {
      LOG.warn("cannot renew the lease of this process: {}", e.getMessage());
    }
  }

  private static byte[] key(long epoch) {
    return ("mr:ingest:" + Long.toHexString(epoch)).getBytes(StandardCharsets.UTF_8);
  }

  /** Gives the lease back: nothing is written from here on. */
  @Override
  public void close() {
    renewals.shutdownNow();
    held = false;
    try {
      redis.run(commands -> commands.del(key(epoch)));
    } catch (IntakeUnavailableException e) {
      LOG.warn("cannot give the lease back; it lapses by itself: {}", e.getMessage());
    }
  }
}
