// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.BenchRun;
import io.millrace.bench.stack.Throughput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.streams.StreamsBuilder;

/** What the stream benchmarks share: the service and its peers in turn over one backlog. */
final class StreamBench {
  private StreamBench() {}

  /**
   * Measures the service, and each peer beside it.
   *
   * @param peers name → topology; measured right after the service, each time
   */
  static void measure(
      BenchRun run,
      int runs,
      StreamCase what,
      String subject,
      Map<String, BiConsumer<StreamsBuilder, StreamRun.Counted>> peers) {
    List<Throughput> service = new ArrayList<>();
    Map<String, List<Throughput>> beside = new LinkedHashMap<>();
    try (StreamRun stream = new StreamRun(run, what)) {
      for (int i = 0; i < runs && stream.isLeft(); i++) {
        service.add(stream.ofService());
        run.say("  service: " + line(service.getLast()));
        peers.forEach(
            (name, topology) -> {
              Throughput peer = stream.ofStreams(topology);
              beside.computeIfAbsent(name, each -> new ArrayList<>()).add(peer);
              run.say("  " + name + ": " + line(peer));
            });
      }
    }
    beside.forEach(
        (name, peer) -> {
          run.result(
              subject,
              "throughput",
              "events/s",
              service.stream().map(Throughput::perSecond).toList(),
              name,
              peer.stream().map(Throughput::perSecond).toList());
          run.result(
              subject,
              "processor time",
              "s per million events",
              service.stream().map(Throughput::cpuSecondsPerMillion).toList(),
              name,
              peer.stream().map(Throughput::cpuSecondsPerMillion).toList());
        });
  }

  private static String line(Throughput throughput) {
    return "%,.0f events/s, %.1f CPU s per million"
        .formatted(throughput.perSecond(), throughput.cpuSecondsPerMillion());
  }
}
