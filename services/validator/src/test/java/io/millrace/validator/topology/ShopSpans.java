// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.topology.TopologyHarness;
import io.millrace.validator.data.PatternBook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The validation of a shop whose views come hour by hour, and the verdicts on these hours. */
final class ShopSpans implements AutoCloseable {
  static final long HOUR_MS = 3_600_000;

  private static final String APP = "shop";
  private static final Topics TOPICS = new Topics(APP);

  private final long startMs;
  private final TopologyHarness harness;
  private long number;

  /**
   * @param startMs event time at which the first hour begins
   */
  ShopSpans(ApplicationDefinition definition, long startMs) {
    this.startMs = startMs;
    harness =
        TopologyHarness.of(
            new ValidatorTopology(
                    definition,
                    new PatternBook(),
                    new SilentMetrics(),
                    (app, event, name, status, traceparent) -> new RecordHeaders(),
                    Timing.DEFAULT)
                .get(),
            APP + "-validator",
            Instant.EPOCH);
  }

  /** Views of an hour, evenly spread. */
  List<Event> hour(int hour, int rows) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      events.add(view(startMs + hour * HOUR_MS + i * HOUR_MS / rows));
    }
    return events;
  }

  Event view(long timeMs) {
    return Shop.view(APP, number++, timeMs);
  }

  void send(List<Event> events) {
    var topic = harness.input(TOPICS.events("view"));
    events.forEach(event -> topic.pipeInput(event.key(), event));
  }

  /** Lets spans close; hour → verdict, of those that were told since the last time. */
  Map<Integer, DataVerdict> verdicts() {
    for (int i = 0; i < 3; i++) {
      harness.advanceWallClock(Duration.ofSeconds(5));
    }
    Map<Integer, DataVerdict> verdicts = new TreeMap<>();
    harness.output(TOPICS.dataVerdicts()).readKeyValuesToMap().values().stream()
        .filter(each -> !each.span().equals(DataVerdict.SILENCE))
        .forEach(each -> verdicts.put((int) ((each.startMs() - startMs) / HOUR_MS), each));
    return verdicts;
  }

  /** Verdicts that are told within a time, minute by minute. */
  List<DataVerdict> told(Duration time) {
    List<DataVerdict> told = new ArrayList<>();
    for (long minute = 0; minute < time.toMinutes(); minute++) {
      harness.advanceWallClock(Duration.ofMinutes(1));
      told.addAll(harness.output(TOPICS.dataVerdicts()).readValuesToList());
    }
    return told;
  }

  /** Those of them on the source's silence. */
  List<DataVerdict> silences(Duration time) {
    return told(time).stream().filter(each -> each.span().equals(DataVerdict.SILENCE)).toList();
  }

  /** Bytes of the largest value in any of the stores of either stage. */
  int largestStored() {
    List<String> names = new ArrayList<>(SpanCloser.STORES);
    names.add(EventProfiler.STORE);
    int largest = 0;
    for (String name : names) {
      KeyValueStore<String, byte[]> store = harness.store(name);
      try (KeyValueIterator<String, byte[]> all = store.all()) {
        while (all.hasNext()) {
          largest = Math.max(largest, all.next().value.length);
        }
      }
    }
    return largest;
  }

  /** What finds stretches without rows, as a restart makes it: of what the stores hold. */
  EmptySpans emptySpans() {
    KeyValueStore<String, byte[]> verdicts = harness.store(SpanCloser.VERDICTS);
    return new EmptySpans(
        verdicts,
        new SpanJudging(
            APP,
            harness.store(SpanCloser.SPANS),
            harness.store(SpanCloser.LEDGERS),
            harness.store(SpanCloser.SCHEMAS),
            verdicts));
  }

  /** Goes on with another definition and with what was known, as after {@code apply}. */
  ShopSpans applied(ApplicationDefinition next) {
    ShopSpans after = new ShopSpans(next, startMs);
    after.number = number;
    for (String name : SpanCloser.STORES) {
      KeyValueStore<String, byte[]> known = harness.store(name);
      KeyValueStore<String, byte[]> empty = after.harness.store(name);
      try (KeyValueIterator<String, byte[]> all = known.all()) {
        all.forEachRemaining(each -> empty.put(each.key, each.value));
      }
    }
    return after;
  }

  @Override
  public void close() {
    harness.close();
  }
}
