// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import io.millrace.bench.backfill.BackfillBench;
import io.millrace.bench.features.DerivedBench;
import io.millrace.bench.features.OnlineBench;
import io.millrace.bench.features.PitBench;
import io.millrace.bench.features.ReadBench;
import io.millrace.bench.features.RedisBytesBench;
import io.millrace.bench.features.StreamHourBench;
import io.millrace.bench.features.StreamRetailBench;
import io.millrace.bench.loop.FreshnessBench;
import io.millrace.bench.loop.LoopBench;
import io.millrace.bench.stats.DetectorsBench;
import io.millrace.bench.stats.DriftChoiceBench;
import io.millrace.bench.stats.DriftStreamsBench;
import io.millrace.bench.stats.FalseAlarmsBench;
import io.millrace.bench.stats.IntervalsBench;
import io.millrace.bench.stats.ProfileBench;
import java.util.List;

/** All benchmarks. */
final class Benches {
  private Benches() {}

  static List<Bench> all() {
    return List.of(
        new LoopBench(),
        new ProfileBench(),
        new DetectorsBench(),
        new FalseAlarmsBench(),
        new DriftChoiceBench(),
        new DriftStreamsBench(),
        new IntervalsBench(),
        new StreamHourBench(),
        new StreamRetailBench(),
        new OnlineBench(),
        new RedisBytesBench(),
        new ReadBench(),
        new DerivedBench(),
        new PitBench(),
        new FreshnessBench(),
        new BackfillBench());
  }
}
