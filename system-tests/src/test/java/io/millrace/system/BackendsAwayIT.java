// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import io.millrace.cli.stack.Service;
import io.millrace.local.Backend;
import io.millrace.local.LocalStack;
import io.millrace.system.Kiosk.Message;
import io.millrace.testkit.backend.Backends;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An hour of business during which the broker, Cassandra and Redis are away one after the other,
 * each for longer than the sessions of consumers, the deadlines of commits and the timeouts of
 * transactions last. All are killed, and Redis comes back empty. Good, bad and repeated messages
 * flow all the time. Then books, dead letters, online features, labels and a dataset are compared
 * with an oracle that knows only what was sent.
 */
@ExtendWith(StackExtension.class)
class BackendsAwayIT {
  private static final long SEED = 20_261_129;
  private static final int VIEWS = 3_000;
  private static final int BATCH = 25;
  private static final Duration PACE = Duration.ofMillis(150);

  /**
   * Longer than a consumer's session (6 s in these tests), what a commit waits for the stores (8
   * s), and a transaction lasts (9 s, the validator's 10 s): what was open is aborted, and its work
   * is done again.
   */
  private static final Duration AWAY = Duration.ofSeconds(13);

  private static final long FIRST_CLOSING = Kiosk.OPENS_MS + 5 * Kiosk.HOUR_MS;
  private static final long LAST_CLOSING = Kiosk.OPENS_MS + 9 * Kiosk.HOUR_MS;

  private final String app = Backends.uniqueName("away");

  @Test
  void everyBackend_awayAndBackUnderLoad_losesAndDoublesNothing(RunningStack stack) {
    Kiosk kiosk = new Kiosk(SEED);
    // No model: what is compared here comes before it.
    stack.apply(app, Kiosk.definition(app, 100 * VIEWS));
    LocalStack backends = stack.stack().backends();
    List<Backend> order = List.of(backends.kafka(), backends.cassandra(), backends.redis());
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Sender sender = new Sender(stack, app)) {
      List<Message> messages = kiosk.hour(Kiosk.OPENS_MS, VIEWS);
      int batches = Math.ceilDiv(messages.size(), BATCH);
      int share = batches / (order.size() + 1);
      @Nullable Future<?> last = null;
      for (int batch = 0; batch < batches; batch++) {
        int next = batch / share - 1;
        if (batch % share == 0 && next >= 0 && next < order.size()) {
          awaitBack(last);
          Backend leaving = order.get(next);
          last = executor.submit(() -> leave(leaving));
        }
        sender.send(
            messages.subList(batch * BATCH, Math.min(messages.size(), (batch + 1) * BATCH)));
        LockSupport.parkNanos(PACE.toNanos());
      }
      awaitBack(last);
      stack.awaitAccepted(app, kiosk);
      sender.send(kiosk.closers(FIRST_CLOSING));
      stack.awaitAccepted(app, kiosk);
      sender.send(kiosk.closers(LAST_CLOSING));

      for (Service each : List.of(Service.INGEST, Service.FEATURE_STORE)) {
        stack.until(
            each,
            () ->
                stack
                    .client()
                    .get(each, "/actuator/health/readiness")
                    .path("status")
                    .asString("")
                    .equals("UP"),
            () -> "is not ready again");
      }
      Aftermath aftermath = new Aftermath(stack, app, kiosk, LAST_CLOSING);
      aftermath.everything(sender.sentAgain());
    } finally {
      executor.shutdownNow();
    }
  }

  private static void leave(Backend backend) {
    long killed = System.nanoTime();
    backend.kill();
    LockSupport.parkNanos(AWAY.toNanos());
    backend.start();
    backend.awaitReady(RunningStack.LIMIT);
    RunningStack.say(
        String.format(
            Locale.ROOT,
            "%s was killed and is back after %.1f s",
            backend.name(),
            (System.nanoTime() - killed) / 1e9));
  }

  private static void awaitBack(@Nullable Future<?> last) {
    if (last == null) {
      return;
    }
    try {
      last.get(RunningStack.LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("a backend is not back", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
