// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.jmh.Forked;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Derived features of a row: six CEL expressions over seven values of a request and two entities,
 * and one ratio alone. Beside it the same in Java, written by hand, from the same values.
 */
public final class DerivedBench implements Bench {
  private static final int RUNS = 3;
  private static final double NANOS = 1e9;
  private static final String BY_HAND = "by hand in Java";

  /** Which features → what they are called in the results. */
  private static final Map<String, String> CASES = new LinkedHashMap<>();

  static {
    CASES.put("one", "a ratio");
    CASES.put("six", "six derived features of seven values");
  }

  @Override
  public String name() {
    return "derived";
  }

  @Override
  public String description() {
    return "ns and bytes a row of derived features in CEL, beside the same by hand in Java";
  }

  @Override
  public void run(BenchRun run) {
    CASES.forEach((features, subject) -> measure(run, features, subject));
  }

  private static void measure(BenchRun run, String features, String subject) {
    List<Double> nanos = new ArrayList<>();
    List<Double> bytes = new ArrayList<>();
    List<Double> byHand = new ArrayList<>();
    List<Double> bytesByHand = new ArrayList<>();
    int runs = run.runs(RUNS);
    for (int i = 0; i < runs; i++) {
      Forked.Result cel = throughput("cel", features);
      Forked.Result java = throughput("java", features);
      nanos.add(NANOS / cel.perSecond());
      bytes.add(cel.bytesPerOperation());
      byHand.add(NANOS / java.perSecond());
      bytesByHand.add(java.bytesPerOperation());
      run.say("  %s: %.0f ns, %.0f B".formatted(subject, nanos.getLast(), bytes.getLast()));
    }
    run.result(subject, "time", "ns/row", nanos, BY_HAND, byHand);
    run.result(subject, "allocation", "B/row", bytes, BY_HAND, bytesByHand);
  }

  private static Forked.Result throughput(String by, String features) {
    return Forked.throughput(DerivedLoop.class, Map.of("by", by, "features", features));
  }
}
