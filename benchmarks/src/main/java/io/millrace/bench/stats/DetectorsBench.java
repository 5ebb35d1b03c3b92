// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.jmh.Forked;
import io.millrace.stats.detector.Detectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Updates a second of each detector, beside MOA's where MOA has it. */
public final class DetectorsBench implements Bench {
  private static final int RUNS = 3;

  @Override
  public String name() {
    return "detectors";
  }

  @Override
  public String description() {
    return "updates/s of each drift detector on one core, beside MOA 2024.07's";
  }

  @Override
  public void run(BenchRun run) {
    int runs = run.runs(RUNS);
    for (String name : Detectors.names()) {
      List<Double> own = new ArrayList<>();
      List<Double> moa = new ArrayList<>();
      List<Double> bytes = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        Forked.Result result = measure("own:" + name);
        own.add(result.perSecond());
        bytes.add(result.bytesPerOperation());
        if (MoaDetectors.names().contains(name)) {
          moa.add(measure("moa:" + name).perSecond());
        }
      }
      run.say("  %s: %,.0f updates/s".formatted(name, own.getLast()));
      if (moa.isEmpty()) {
        run.result(name, "throughput", "updates/s", own);
      } else {
        run.result(name, "throughput", "updates/s", own, MoaDetectors.MOA, moa);
      }
      run.result(name, "allocation", "B/update", bytes);
    }
  }

  private static Forked.Result measure(String detector) {
    return Forked.throughput(DetectorLoop.class, Map.of("detector", detector));
  }
}
