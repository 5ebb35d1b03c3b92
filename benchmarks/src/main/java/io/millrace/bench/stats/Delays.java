// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.BenchRun;
import io.millrace.bench.Measurement.Beside;
import io.millrace.bench.Median;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

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
    report(run, subject, within, delays, "", null);
  }

  /**
   * The same beside a peer on the same streams.
   *
   * @param peer its delays; null without a peer
   */
  static void report(
      BenchRun run,
      String subject,
      int within,
      double[] delays,
      String peerName,
      double @Nullable [] peer) {
    double[] seen = seen(delays);
    double[] seenByPeer = peer == null ? new double[0] : seen(peer);
    run.overall(
        subject,
        String.format(Locale.ROOT, "seen within %,d values", within),
        "share",
        (double) seen.length / delays.length,
        peer == null ? null : new Beside(peerName, (double) seenByPeer.length / peer.length),
        delays.length);
    if (seen.length > 0) {
      for (double rank : new double[] {0.5, 0.9}) {
        run.overall(
            subject,
            String.format(Locale.ROOT, "delay where seen, p%.0f", rank * 100),
            "values",
            Median.quantile(seen, rank),
            seenByPeer.length == 0 ? null : new Beside(peerName, Median.quantile(seenByPeer, rank)),
            seen.length);
      }
    }
  }

  private static double[] seen(double[] delays) {
    return Arrays.stream(delays).filter(Double::isFinite).toArray();
  }
}
