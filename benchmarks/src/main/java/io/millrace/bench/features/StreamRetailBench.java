// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.common.contract.Event;
import io.millrace.features.pit.KnownEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The retail lines four times over, twelve features as of each event onto a topic, exactly once,
 * state in Redis and history in Cassandra. Beside it hopping windows for four of the twelve, and
 * the limit: a pass-through of the same events.
 */
public final class StreamRetailBench implements Bench {
  private static final int RUNS = 3;
  private static final int TIMES = 4;
  private static final String APP = "retail12";
  private static final String EVENT = "order_line";

  @Override
  public String name() {
    return "stream-retail";
  }

  @Override
  public String description() {
    return "events/s and CPU of 12 features over the retail file x4, exactly once, beside a"
        + " pass-through";
  }

  @Override
  public void run(BenchRun run) {
    Path file = run.requireRetail();
    StreamBench.measure(
        run,
        run.runs(RUNS),
        new StreamCase(APP, EVENT, definition(), sink -> each(file, sink)),
        "12 features of retail x" + TIMES + ", an answer per event",
        List.of(StreamBench.EXACTLY_ONCE),
        List.of(
            new StreamPeer(
                "Streams pass-through", StreamBench.EXACTLY_ONCE, StreamPeers::passThrough),
            new StreamPeer(
                "Streams DSL hopping 30 d by 12 h",
                StreamBench.EXACTLY_ONCE,
                StreamPeers.hopping("UnitPrice", Duration.ofDays(30), Duration.ofHours(12)))));
  }

  private record Line(String customer, KnownEvent event) {}

  private static void each(Path file, Consumer<Event> sink) {
    List<Line> lines = new ArrayList<>();
    OrderLines.read(file, TIMES)
        .forEach((customer, events) -> events.forEach(each -> lines.add(new Line(customer, each))));
    lines.sort(Comparator.comparingLong(line -> line.event().eventTimeMs()));
    for (Line line : lines) {
      Map<String, Object> data = new HashMap<>(line.event().fields());
      data.put("customer", line.customer());
      KnownEvent event = line.event();
      sink.accept(
          new Event(
              APP,
              EVENT,
              line.customer() + "-" + event.id(),
              line.customer(),
              event.eventTimeMs(),
              event.knownAtMs(),
              data));
    }
  }

  private static String definition() {
    StringBuilder features = new StringBuilder();
    for (String window : List.of("1d", "7d", "30d")) {
      features.append("      count_%1$s: {aggregate: count, window: %1$s}\n".formatted(window));
      for (String aggregate : List.of("sum", "mean", "max")) {
        features.append(
            "      %1$s_%2$s: {aggregate: %1$s, of: Quantity * UnitPrice, window: %2$s}\n"
                .formatted(aggregate, window));
      }
    }
    return """
    apiVersion: millrace/v1
    kind: Application
    metadata: {name: retail12, owner: bench@millrace.example, description: Twelve features}
    events:
      order_line:
        time: {field: at}
        id: id
        schema:
          required: [customer, Quantity, UnitPrice]
          properties:
            id: {type: string}
            at: {type: string}
            customer: {type: string}
            Quantity: {type: integer}
            UnitPrice: {type: number}
    entities:
      customer: {key: customer}
    featureViews:
      spend:
        source: order_line
        entity: customer
        emit: true
        features:
    """
        + features;
  }
}
