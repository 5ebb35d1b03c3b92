// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.http;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.topic.Topics;
import io.millrace.inference.model.ModelDirectory;
import io.millrace.inference.serving.Predictor;
import io.millrace.inference.serving.Question;
import io.millrace.inference.serving.RequestBatcher;
import io.millrace.inference.serving.ServingMeter;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Requests over HTTP: batched per application, answered at once, and published like every other
 * prediction (the answer does not wait for the topic).
 */
public final class RequestPredictions implements AutoCloseable {
  private static final int QUEUE_MAX = 4_096;
  private static final int BATCH_MAX = 256;
  private static final int WORKERS = 2;

  private final ModelDirectory models;
  private final Predictor predictor;
  private final Publisher publisher;
  private final ServingMeter meter;
  private final Duration featureDeadline;
  private final Map<String, RequestBatcher<Traced, PredictionServed>> batchers =
      new ConcurrentHashMap<>();

  private record Traced(Question question, Context context) {}

  public RequestPredictions(
      ModelDirectory models,
      Predictor predictor,
      Publisher publisher,
      ServingMeter meter,
      Duration featureDeadline) {
    this.models = models;
    this.predictor = predictor;
    this.publisher = publisher;
    this.meter = meter;
    this.featureDeadline = featureDeadline;
  }

  /**
   * @throws java.util.concurrent.RejectedExecutionException where too many are waiting
   */
  public CompletableFuture<PredictionServed> submit(String app, Question question) {
    return batchers
        .computeIfAbsent(
            app,
            name ->
                new RequestBatcher<>(
                    name, QUEUE_MAX, BATCH_MAX, WORKERS, batch -> answer(name, batch)))
        .submit(new Traced(question, Context.current()));
  }

  int waiting(String app) {
    RequestBatcher<Traced, PredictionServed> batcher = batchers.get(app);
    return batcher == null ? 0 : batcher.waiting();
  }

  private List<PredictionServed> answer(String app, List<Traced> batch) {
    try (var ignored = batch.getFirst().context().makeCurrent();
        ModelDirectory.Lease lease = models.lease(app)) {
      Predictor.Answers answers =
          predictor.predict(
              app,
              lease.route(),
              batch.stream().map(Traced::question).toList(),
              "request",
              featureDeadline);
      Topics topics = new Topics(app);
      for (int i = 0; i < batch.size(); i++) {
        PredictionServed served = answers.answers().get(i);
        if (served.fallback() != null) {
          meter.fallback(app, served.fallback(), 1);
        }
        try (var each = batch.get(i).context().makeCurrent()) {
          publisher.send(topics.predictions(), keyOf(served), served);
        }
      }
      for (PredictionServed shadow : answers.shadows()) {
        publisher.send(topics.predictions(), keyOf(shadow), shadow);
      }
      return answers.answers();
    }
  }

  private static String keyOf(PredictionServed served) {
    return served.entities().isEmpty()
        ? served.predictionId()
        : served.entities().values().iterator().next();
  }

  @Override
  public void close() {
    batchers.values().forEach(RequestBatcher::close);
  }
}
