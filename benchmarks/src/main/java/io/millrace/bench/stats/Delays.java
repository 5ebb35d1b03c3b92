// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.BenchRun;
import io.millrace.bench.Median;
import java.util.Arrays;
import java.util.Locale;

/** How soon a change was seen on many streams. */
final class Delays {
  private Delays() {}

  /**
   * Reports the share of streams on which it was seen, and the delay where it was.
   *
   * @param within values after the change that were looked at
   * @param delays values up to the first alarm, infinite where there was none
   */
  static void report(BenchRun run, String subject, int within, double[] delays) {
    double[] seen = Arrays.stream(delays).filter(Double::isFinite).toArray();
    run.overall(
        subject,
        String.format(Locale.ROOT, "seen within %,d values", within),
        "share",
        (double) seen.length / delays.length,
        null,
        delays.length);
    if (seen.length > 0) {
      for (double rank : new double[] {0.5, 0.9}) {
        run.overall(
            subject,
            String.format(Locale.ROOT, "delay where seen, p%.0f", rank * 100),
            "values",
            Median.quantile(seen, rank),
            null,
            seen.length);
      }
    }
  }
}
