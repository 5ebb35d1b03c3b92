// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.bench.BenchException;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Waits until an application's events have gone into the history. Events wait there for others of
 * their key after their features are served; what is measured meanwhile shares the machine with
 * Cassandra.
 */
public final class SettledHistory {
  private static final String CASSANDRA = "cassandra";

  /** Counts what has gone into the history, in waves; its labels follow. */
  private static final String WAVES = "millrace_feature_store_history_delay_seconds_count{";

  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration WITHIN = Duration.ofMinutes(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Together longer than events wait for others of their key. */
  private static final int QUIET_LOOKS = 5;

  /** Of one core: what Cassandra takes with nothing to do, with room. */
  private static final double IDLE_CORES = 0.15;

  private SettledHistory() {}

  /**
   * Waits until nothing has gone into the history for 25 s and Cassandra rests.
   *
   * @param app has had events
   * @throws BenchException where that is not so within ten minutes
   */
  public static void await(BenchStack stack, String app) {
    long[] waves = {0};
    double[] cpu = {cassandra(stack)};
    int[] quiet = {0};
    Waiting.until(
        () -> {
          long wavesNow = waves(stack.client(), app).orElse(0);
          double cpuNow = cassandra(stack);
          boolean rests = cpuNow - cpu[0] <= IDLE_CORES * LOOK.toSeconds();
          quiet[0] = wavesNow > 0 && wavesNow == waves[0] && rests ? quiet[0] + 1 : 0;
          waves[0] = wavesNow;
          cpu[0] = cpuNow;
          return quiet[0] >= QUIET_LOOKS;
        },
        LOOK,
        WITHIN,
        "the history of " + app);
  }

  private static double cassandra(BenchStack stack) {
    Double seconds = stack.cpuSeconds().get(CASSANDRA);
    if (seconds == null) {
      throw new BenchException(CASSANDRA + " has ended");
    }
    return seconds;
  }

  private static OptionalLong waves(ApiClient client, String app) {
    HttpResponse<String> metrics =
        client.send(
            Service.FEATURE_STORE,
            client.request(Service.FEATURE_STORE, "/actuator/prometheus", TIMEOUT).GET().build(),
            HttpResponse.BodyHandlers.ofString());
    if (metrics.statusCode() != 200) {
      throw new BenchException("metrics: status " + metrics.statusCode());
    }
    return metrics
        .body()
        .lines()
        .filter(line -> line.startsWith(WAVES) && line.contains("app=\"" + app + "\""))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst();
  }
}
