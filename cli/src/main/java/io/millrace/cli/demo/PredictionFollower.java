// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.demo;

import io.millrace.cli.api.ApiClient;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.example.yarnit.Truth;
import io.millrace.stats.metric.Auc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Polls the predictions as a consumer would, cursor by cursor, and judges them by the truth. Owns
 * one thread; questions may come from any.
 */
final class PredictionFollower implements AutoCloseable {
  private static final int PAGE = 1_000;

  private final ApiClient client;
  private final String app;
  private final Truth truth;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Map<String, Told> told = new HashMap<>();
  private final Thread thread;
  private long repetitions;
  private @Nullable String cursor;

  /**
   * A prediction as told to consumers.
   *
   * @param momentMs event time of the impression
   */
  record Told(String version, double score, long momentMs, double latencyMs) {}

  /**
   * AUC of some predictions.
   *
   * @param low lower end of the 95 % interval
   * @param bestReachable AUC of the true probability on the same rows
   */
  record Judged(
      long rows, double auc, double standardError, double low, double high, double bestReachable) {}

  PredictionFollower(ApiClient client, String app, Truth truth) {
    this.client = client;
    this.app = app;
    this.truth = truth;
    this.thread = Thread.ofPlatform().name("predictions").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      do {
        try {
          while (poll() == PAGE) {
            // There is more at once.
          }
        } catch (ApiException e) {
          // The service may be starting; the next poll goes on from the same cursor.
          stopping.await(1, TimeUnit.SECONDS);
        }
      } while (!stopping.await(300, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int poll() {
    String after = cursor == null ? "" : "&after=" + cursor;
    JsonNode page =
        client.get(
            Service.INFERENCE, "/v1/applications/" + app + "/predictions?limit=" + PAGE + after);
    cursor = page.path("cursor").asString();
    int count = 0;
    synchronized (this) {
      for (JsonNode each : page.path("predictions")) {
        count++;
        Told next =
            new Told(
                each.path("modelVersion").asString(),
                each.path("score").asDouble(),
                each.path("momentMs").asLong(),
                each.path("latencyMs").asDouble());
        if (told.putIfAbsent(each.path("predictionId").asString(), next) != null) {
          repetitions++;
        }
      }
    }
    return count;
  }

  synchronized int size() {
    return told.size();
  }

  /** Predictions told more than once; 0 unless something is wrong. */
  synchronized long repetitions() {
    return repetitions;
  }

  /** How good the chosen predictions were; empty while one class is missing. */
  synchronized Optional<Judged> judge(Predicate<Told> chosen) {
    List<double[]> rows = new ArrayList<>();
    told.forEach(
        (id, each) -> {
          if (chosen.test(each)) {
            truth
                .find(id)
                .ifPresent(
                    fact ->
                        rows.add(
                            new double[] {
                              each.score(), fact.probability(), fact.clicked() ? 1 : 0
                            }));
          }
        });
    boolean[] clicked = new boolean[rows.size()];
    double[] scores = new double[rows.size()];
    double[] truths = new double[rows.size()];
    int positives = 0;
    for (int i = 0; i < clicked.length; i++) {
      scores[i] = rows.get(i)[0];
      truths[i] = rows.get(i)[1];
      clicked[i] = rows.get(i)[2] > 0;
      positives += clicked[i] ? 1 : 0;
    }
    if (positives < 2 || clicked.length - positives < 2) {
      return Optional.empty();
    }
    Auc.Estimate estimate = Auc.estimate(scores, clicked, 0.95);
    return Optional.of(
        new Judged(
            clicked.length,
            estimate.auc(),
            estimate.standardError(),
            estimate.interval().low(),
            estimate.interval().high(),
            Auc.of(truths, clicked)));
  }

  /** Latency at a rank, in milliseconds; NaN without predictions. */
  synchronized double latencyMs(double rank) {
    double[] sorted = told.values().stream().mapToDouble(Told::latencyMs).sorted().toArray();
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, Math.ceil(rank * sorted.length))];
  }

  @Override
  public void close() {
    stopping.countDown();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
