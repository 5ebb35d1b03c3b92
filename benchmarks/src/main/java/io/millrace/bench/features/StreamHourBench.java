// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.stack.DeviceViews;
import io.millrace.common.contract.Event;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Four features over the last hour, 10,000 keys, an answer per event onto a topic; and as in
 * production state in Redis and history in Cassandra. Beside it Kafka Streams' hopping and sliding
 * windows and a pass-through, which write to a topic and to nothing else.
 */
public final class StreamHourBench implements Bench {
  private static final int RUNS = 3;
  private static final int EVENTS = 3_000_000;
  private static final int KEYS = 10_000;
  private static final long START_MS = 1_790_000_000_000L;

  /** Between two events: two hours and a half for all of them. */
  private static final long STEP_MS = 3;

  private static final String APP = "hour";

  @Override
  public String name() {
    return "stream-1h";
  }

  @Override
  public String description() {
    return "events/s of four features over 1 h with an answer per event, beside Kafka Streams'"
        + " windows and a pass-through";
  }

  @Override
  public void run(BenchRun run) {
    StreamBench.measure(
        run,
        run.runs(RUNS),
        new StreamCase(
            APP, DeviceViews.EVENT, DeviceViews.definition(APP, true), StreamHourBench::each),
        "count, sum, min, max over 1 h, an answer per event",
        List.of(StreamBench.EXACTLY_ONCE, StreamBench.AT_LEAST_ONCE),
        List.of(
            new StreamPeer(
                "Streams pass-through", StreamBench.EXACTLY_ONCE, StreamPeers::passThrough),
            new StreamPeer(
                "Streams pass-through", StreamBench.AT_LEAST_ONCE, StreamPeers::passThrough),
            new StreamPeer(
                "Streams DSL hopping 1 h by 1 min",
                StreamBench.EXACTLY_ONCE,
                StreamPeers.hopping("reading")),
            new StreamPeer(
                "Streams DSL sliding 1 h",
                StreamBench.EXACTLY_ONCE,
                StreamPeers.sliding("reading"))));
  }

  private static void each(Consumer<Event> sink) {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < EVENTS; i++) {
      String device = "device-" + random.nextInt(KEYS);
      long at = START_MS + i * STEP_MS;
      sink.accept(
          new Event(
              APP,
              DeviceViews.EVENT,
              "t-" + i,
              device,
              at,
              at,
              Map.of(
                  "id",
                  "t-" + i,
                  "device",
                  device,
                  "reading",
                  random.nextDouble() * 100,
                  "note",
                  "as measured at the gate")));
    }
  }
}
