// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.BenchRun;
import io.millrace.bench.stack.Throughput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the stream benchmarks share: the service and its peers in turn over one backlog. */
final class StreamBench {
  static final String EXACTLY_ONCE = "exactly_once_v2";
  static final String AT_LEAST_ONCE = "at_least_once";

  private StreamBench() {}

  /**
   * Measures the service under each guarantee, then each peer; and so on for each run. Before that
   * the service works through the backlog once: broker and Cassandra compile their code meanwhile,
   * for a third of the processor time, and the peers, which come later, do not pay for it.
   *
   * @param guarantees of the service
   * @param peers each is set beside the service under its own guarantee
   */
  static void measure(
      BenchRun run,
      int runs,
      StreamCase what,
      String subject,
      List<String> guarantees,
      List<StreamPeer> peers) {
    Map<String, List<Throughput>> service = new LinkedHashMap<>();
    Map<StreamPeer, List<Throughput>> beside = new LinkedHashMap<>();
    try (StreamRun stream = new StreamRun(run, what)) {
      run.say("  to warm up: " + line(stream.ofService(guarantees.getFirst())));
      for (int i = 0; i < runs; i++) {
        for (String guarantee : guarantees) {
          Throughput own = stream.ofService(guarantee);
          service.computeIfAbsent(guarantee, each -> new ArrayList<>()).add(own);
          run.say("  service, " + words(guarantee) + ": " + line(own));
        }
        for (StreamPeer peer : peers) {
          Throughput other = stream.ofStreams(peer);
          beside.computeIfAbsent(peer, each -> new ArrayList<>()).add(other);
          run.say("  " + peer.name() + ", " + words(peer.guarantee()) + ": " + line(other));
        }
      }
    }
    beside.forEach(
        (peer, theirs) -> {
          List<Throughput> own = service.getOrDefault(peer.guarantee(), List.of());
          run.result(
              subject + ", " + words(peer.guarantee()),
              "throughput",
              "events/s",
              own.stream().map(Throughput::perSecond).toList(),
              peer.name(),
              theirs.stream().map(Throughput::perSecond).toList());
          run.result(
              subject + ", " + words(peer.guarantee()),
              "processor time",
              "s per million events",
              own.stream().map(Throughput::cpuSecondsPerMillion).toList(),
              peer.name(),
              theirs.stream().map(Throughput::cpuSecondsPerMillion).toList());
        });
  }

  private static String words(String guarantee) {
    return guarantee.equals(EXACTLY_ONCE) ? "exactly once" : "at least once";
  }

  private static String line(Throughput throughput) {
    return "%,.0f events/s, %.1f CPU s per million"
        .formatted(throughput.perSecond(), throughput.cpuSecondsPerMillion());
  }
}
