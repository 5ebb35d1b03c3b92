// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.CountedMeasures;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.history.Settling;
import io.millrace.featurestore.progress.ProgressBoard;
import io.millrace.testkit.topology.TopologyHarness;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;

/** A topology with stores in memory and a clock that moves with the harness. */
final class TopologyFixture implements AutoCloseable {
  /** The driver has one partition and reads everything at once. */
  static final Upstreams ALL_DRAINED = (upstream, joinPartition) -> true;

  /** Up to when it has read at most; never after its clock. */
  long readUntilMs = Long.MAX_VALUE;

  final ReadProgress reads = (group, part) -> readSoFarMs();

  private static final Instant START = Instant.ofEpochMilli(Definitions.T0);

  final InMemoryStores stores;
  final CountedMeasures measures = new CountedMeasures();
  final ProgressBoard board = new ProgressBoard();
  private Instant now = START;
  final StateBudget budget = new StateBudget(64 << 20);
  final Collaborators with;
  final Topics topics;
  private final Map<String, TestInputTopic<String, Event>> inputs = new HashMap<>();
  private TopologyHarness harness;

  TopologyFixture(String app) {
    this(app, new InMemoryStores());
  }

  /** With stores that another topology has written to. */
  TopologyFixture(String app, InMemoryStores stores) {
    this.stores = stores;
    topics = new Topics(app);
    with =
        new Collaborators(
            stores,
            new HistoryWriter(stores, new Lz4Packing(), Runnable::run),
            new Settling(stores),
            stores,
            measures,
            board,
            budget,
            OpenTelemetry.noop().getTracer("test"),
            () -> now);
  }

  TopologyFixture run(Topology topology, String applicationId) {
    harness = TopologyHarness.of(topology, applicationId, START);
    return this;
  }

  TopologyHarness harness() {
    return harness;
  }

  private long readSoFarMs() {
    return Math.min(now.toEpochMilli(), readUntilMs);
  }

  /** Sends an event as if it were accepted when it became known. */
  void send(Event event) {
    send(event, event.knownAtMs());
  }

  /** Sends an event as accepted then, or at the beginning where that is earlier. */
  void send(Event event, long acceptedMs) {
    inputs
        .computeIfAbsent(event.name(), name -> harness.input(topics.events(name)))
        .pipeInput(event.key(), event, Math.max(acceptedMs, Definitions.T0));
  }

  /** Lets so much time pass that all events are in the history. */
  void settle() {
    pass(Duration.ofSeconds(20));
  }

  void pass(Duration time) {
    now = now.plus(time);
    harness.advanceWallClock(time);
  }

  /** Lets time pass until a moment. */
  void passTo(long momentMs) {
    pass(Duration.ofMillis(momentMs - now.toEpochMilli()));
  }

  @Override
  public void close() {
    harness.close();
  }
}
