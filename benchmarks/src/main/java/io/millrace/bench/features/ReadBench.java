// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.jmh.Forked;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A read of 18 features of a key with 10,000 events a day, two distinct counts among them: from the
 * stored state, decoding included, and from the events themselves.
 */
public final class ReadBench implements Bench {
  private static final int RUNS = 3;
  private static final String SUBJECT = "18 features, 70,000 events in the longest window";
  private static final String WITHOUT = "the same from the events";

  @Override
  public String name() {
    return "read-18";
  }

  @Override
  public String description() {
    return "reads/s and p99 of 18 features at 10,000 events a day and key, beside the same without"
        + " tiles";
  }

  @Override
  public void run(BenchRun run) {
    List<Double> reads = new ArrayList<>();
    List<Double> without = new ArrayList<>();
    List<Double> micros = new ArrayList<>();
    List<Double> microsWithout = new ArrayList<>();
    List<Double> bytes = new ArrayList<>();
    int runs = run.runs(RUNS);
    for (int i = 0; i < runs; i++) {
      Forked.Result tiles = Forked.throughput(ReadLoop.class, Map.of("from", "tiles"));
      reads.add(tiles.perSecond());
      bytes.add(tiles.bytesPerOperation());
      without.add(Forked.throughput(ReadLoop.class, Map.of("from", "events")).perSecond());
      micros.add(Forked.p99Micros(ReadLoop.class, Map.of("from", "tiles")));
      microsWithout.add(Forked.p99Micros(ReadLoop.class, Map.of("from", "events")));
      run.say("  %,.0f reads/s, p99 %.0f µs".formatted(reads.getLast(), micros.getLast()));
    }
    run.result(SUBJECT, "throughput", "reads/s/core", reads, WITHOUT, without);
    run.result(SUBJECT, "latency p99", "µs", micros, WITHOUT, microsWithout);
    run.result(SUBJECT, "allocation", "B/read", bytes);
    ReadLoop state = new ReadLoop();
    state.prepare();
    run.result(SUBJECT, "state as stored", "B", state.storedBytes());
    memory(run, runs);
    updates(run, runs);
  }

  private static void memory(BenchRun run, int runs) {
    List<Double> reads = new ArrayList<>();
    List<Double> bytes = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      Forked.Result result = Forked.throughput(ReadLoop.class, Map.of("from", "memory"));
      reads.add(result.perSecond());
      bytes.add(result.bytesPerOperation());
    }
    String subject = "the same from a state in memory";
    run.result(subject, "throughput", "reads/s/core", reads);
    run.result(subject, "allocation", "B/read", bytes);
  }

  private static void updates(BenchRun run, int runs) {
    for (String then : List.of("nothing", "read", "store")) {
      List<Double> updates = new ArrayList<>();
      List<Double> bytes = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        Forked.Result result = Forked.throughput(UpdateLoop.class, Map.of("then", then));
        updates.add(result.perSecond());
        bytes.add(result.bytesPerOperation());
      }
      String subject =
          switch (then) {
            case "read" -> "an event and a read of the 18 features";
            case "store" -> "an event and what it changes, encoded";
            default -> "an event into the 18 features";
          };
      run.result(subject, "throughput", "events/s/core", updates);
      run.result(subject, "allocation", "B/event", bytes);
    }
    run.result(
        "an event and what it changes, encoded",
        "bytes to rewrite",
        "B/event",
        new UpdateLoop().bytesAnUpdate());
  }
}
