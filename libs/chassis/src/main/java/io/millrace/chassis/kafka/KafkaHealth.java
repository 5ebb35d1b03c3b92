// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.kafka;

import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Up while a broker answers within two seconds; the answer is kept for two seconds. */
public final class KafkaHealth implements HealthIndicator {
  private static final long TIMEOUT_MS = 2_000;
  private static final long CACHE_MS = 2_000;

  private final Admin admin;
  private final InstantSource clock;
  private volatile Health last = Health.unknown().build();
  private volatile long lastAtMs;

  public KafkaHealth(Admin admin, InstantSource clock) {
    this.admin = admin;
    this.clock = clock;
  }

  @Override
  public synchronized Health health() {
    long now = clock.millis();
    if (now - lastAtMs > CACHE_MS) {
      last = ask();
      lastAtMs = clock.millis();
    }
    return last;
  }

  private Health ask() {
    try {
      int nodes = admin.describeCluster().nodes().get(TIMEOUT_MS, TimeUnit.MILLISECONDS).size();
      return Health.up().withDetail("nodes", nodes).build();
    } catch (ExecutionException | TimeoutException e) {
      return Health.down().withDetail("reason", String.valueOf(e)).build();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Health.down().withDetail("reason", "interrupted").build();
    }
  }
}
