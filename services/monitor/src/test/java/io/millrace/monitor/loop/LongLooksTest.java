// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.monitor.drift.DriftFinding;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What takes long to find keeps no reader waiting, and comes in its order all the same. */
final class LongLooksTest {
  private static final String APP = "offers";
  private static final int WINDOW = 1_000;
  private static final int INPUTS = 8;
  private static final int WINDOWS = 6;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final ApplicationDefinition DEFINITION =
      Json.mapper()
          .readValue(
              """
              {"apiVersion": "millrace/v1", "kind": "Application", "metadata": {"name": "offers"},
               "events": {}, "entities": {}, "featureViews": {},
               "monitor": {"window": "1000 rows"}}
              """,
              ApplicationDefinition.class);

  /** Keeps what is told. */
  private static final class Told implements Announcements {
    private final List<String> subjects = new ArrayList<>();

    @Override
    public void drift(DriftDetected drift) {
      subjects.add(drift.subject() + " " + drift.windowStartMs());
    }

    @Override
    public void alert(AlertRaised alert) {
      subjects.add(alert.alertId());
    }

    @Override
    public void training(TrainingRequested request) {
      subjects.add(request.runId());
    }

    @Override
    public void model(ModelVersionChanged version) {
      subjects.add(version.version());
    }
  }

  /** Independent inputs; where tied, the second follows the first in a way that no rank shows. */
  private static double[] row(SplittableRandom random, boolean tied) {
    double[] row = random.doubles(INPUTS).toArray();
    if (tied) {
      row[1] = Math.abs(2 * row[0] - 1);
    }
    return row;
  }

  private static ReferenceProfile reference() {
    SplittableRandom random = new SplittableRandom(3);
    int rows = 4_000;
    double[][] columns = new double[INPUTS][rows];
    for (int i = 0; i < rows; i++) {
      double[] row = row(random, false);
      for (int input = 0; input < INPUTS; input++) {
        columns[input][i] = row[input];
      }
    }
    Map<String, ReferenceProfile.Column> inputs = new LinkedHashMap<>();
    Map<String, List<Integer>> bins = new LinkedHashMap<>();
    for (int input = 0; input < INPUTS; input++) {
      ReferenceProfile.Column column = ReferenceProfile.numeric(columns[input]);
      inputs.put("event.x" + input, column);
      bins.put("event.x" + input, ReferenceProfile.sampled(column, columns[input]));
    }
    return new ReferenceProfile(
        inputs,
        ReferenceProfile.numeric(new double[] {0.1, 0.2}),
        0.5,
        0.5,
        new ReferenceProfile.Sample(bins));
  }

  private static ApplicationMonitor monitor(Told told) {
    ReferenceProfile reference = reference();
    ApplicationMonitor monitor =
        new ApplicationMonitor(
            DEFINITION,
            told,
            (app, version) -> Optional.of(reference),
            () -> Instant.ofEpochMilli(1_000));
    monitor.version(ApplicationMonitorTest.champion());
    monitor.live();
    return monitor;
  }

  private static void serve(ApplicationMonitor monitor) {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < WINDOWS * WINDOW; i++) {
      double[] row = row(random, i >= WINDOWS / 2 * WINDOW);
      Map<String, Object> features = new LinkedHashMap<>();
      for (int input = 0; input < INPUTS; input++) {
        features.put("event.x" + input, row[input]);
      }
      long at = i * 60_000L;
      monitor.predicted(
          new PredictionServed(
              APP,
              "p" + i,
              Map.of(),
              "v1",
              "champion",
              0.15,
              features,
              Map.of(),
              at,
              at,
              1,
              "event",
              null));
    }
  }

  private static boolean holds(@Nullable ThreadInfo thread) {
    return thread != null
        && Arrays.stream(thread.getLockedMonitors())
            .anyMatch(each -> each.getClassName().equals(ApplicationMonitor.class.getName()));
  }

  private static boolean looksAtRows(@Nullable ThreadInfo thread) {
    return thread != null
        && Arrays.stream(thread.getStackTrace())
            .anyMatch(each -> each.getClassName().endsWith(".JointRows$Look"));
  }

  private static @Nullable ThreadInfo info(Thread thread) {
    return THREADS.getThreadInfo(new long[] {thread.threadId()}, true, false)[0];
  }

  @Test
  void predicted_longLook_isTakenWithoutTheLockThatReadersNeed() throws InterruptedException {
    Told alone = new Told();
    ApplicationMonitor serial = monitor(alone);
    serve(serial);

    Told told = new Told();
    ApplicationMonitor monitor = monitor(told);
    Thread feed = Thread.ofPlatform().start(() -> serve(monitor));
    int looks = 0;
    int held = 0;
    int read = 0;
    while (feed.isAlive()) {
      ThreadInfo now = info(feed);
      if (looksAtRows(now)) {
        looks++;
        held += holds(now) ? 1 : 0;
        read += monitor.view().counts().isEmpty() ? 0 : 1;
      }
    }
    assertThat(looks).isPositive();
    assertThat(read).isEqualTo(looks);
    assertThat(held).as("of %d glances at a look", looks).isZero();
    assertThat(told.subjects).isEqualTo(alone.subjects);
    assertThat(told.subjects).anyMatch(each -> each.startsWith("joint rows"));
    assertThat(monitor.view().lastLooks()).isEqualTo(serial.view().lastLooks());
    assertThat(monitor.view().lastLooks())
        .extracting(DriftFinding::subject)
        .contains("joint rows", "event.x0");
  }

  @Test
  void glance_atAThreadThatHoldsTheLock_showsIt() throws InterruptedException {
    ApplicationMonitor monitor = monitor(new Told());
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Thread holder =
        Thread.ofPlatform()
            .start(
                () -> {
                  synchronized (monitor) {
                    inside.countDown();
                    try {
                      done.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }
                });
    assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(holds(info(holder))).isTrue();
    done.countDown();
    holder.join();
  }
}
