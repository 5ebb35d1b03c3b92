// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.loop;

import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.stack.BenchStack;
import io.millrace.bench.stack.HttpSender;
import io.millrace.bench.stack.Load;
import io.millrace.bench.stack.Message;
import io.millrace.bench.stack.Sender;
import io.millrace.bench.stack.Waiting;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** The loop's application on a stack: applied, fed, with a champion. Not thread-safe. */
final class LoopApplication {
  static final String APP = "loop";
  static final String ITEM_VIEW = "item_views";
  private static final String EVENT = "view";
  private static final long SEED = 20_261_121;
  private static final int HISTORY = 6_000;
  private static final Duration HISTORY_FROM = Duration.ofHours(8);
  private static final Duration HISTORY_TO = Duration.ofHours(2);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration LOOK_AT_FEATURES = Duration.ofMillis(100);
  private static final Duration MODEL_WITHIN = Duration.ofMinutes(10);
  private static final Duration FEATURES_WITHIN = Duration.ofMinutes(10);

  private final BenchStack stack;
  private final InstantSource clock;
  private final Views views = new Views(SEED, "v-");
  private final List<Map<String, String>> items = new ArrayList<>();

  LoopApplication(BenchStack stack, InstantSource clock) {
    this.stack = stack;
    this.clock = clock;
    for (int i = 0; i < Views.ITEMS; i++) {
      items.add(Map.of("item", Views.item(i)));
    }
  }

  /** Puts it into force. */
  void apply() {
    stack.apply(APP, definition());
  }

  /** Applies it, sends a history, has a model trained on it and waits until that model answers. */
  void prepare(BenchRun run) {
    apply();
    long now = clock.millis();
    // Events that others overtake by more than the allowed lateness would be late.
    Load.inOrder(
        new HttpSender(stack.client(), APP, EVENT, true),
        views.next(HISTORY, now - HISTORY_FROM.toMillis(), now - HISTORY_TO.toMillis()));
    // Events of now close the spans of the history.
    Load.inOrder(sender(), fresh(1_000));
    awaitFeatures();
    run.say("  history of " + HISTORY + " events is in; training");
    String runId =
        stack
            .client()
            .post(
                Service.TRAINER,
                "/v1/applications/" + APP + "/training",
                Map.of("reason", "benchmark"))
            .path("runId")
            .asString();
    Waiting.until(() -> answers(runId), LOOK, MODEL_WITHIN, "a champion that answers");
    run.say("  the model serves");
  }

  private boolean answers(String runId) {
    try {
      JsonNode training =
          stack.client().get(Service.TRAINER, "/v1/applications/" + APP + "/runs/" + runId);
      if (training.path("state").asString().matches("FAILED|REFUSED")) {
        throw new BenchException("no model: " + training);
      }
      return stack
          .client()
          .get(Service.INFERENCE, "/v2/models/" + APP + "/ready")
          .path("ready")
          .asBoolean();
    } catch (ApiException e) {
      if (e.status() == 404 || e.status() == 409 || e.status() == 503) {
        // The application is not known yet, no version is promoted yet, or it is not loaded yet.
        return false;
      }
      throw e;
    }
  }

  /** New events of this moment. */
  List<Message> fresh(int count) {
    long now = clock.millis();
    return views.next(count, now - 1_000, now);
  }

  /** The front door. */
  Sender sender() {
    return new HttpSender(stack.client(), APP, EVENT, false);
  }

  /**
   * Waits until every event made so far is in the features that Redis serves: the items' counts,
   * read as a client reads them, add up to exactly the events that were sent.
   */
  void awaitFeatures() {
    Waiting.until(
        () -> counted() == views.count(),
        LOOK_AT_FEATURES,
        FEATURES_WITHIN,
        views.count() + " events in the features");
  }

  /** Events in the items' counts; -1 while the store, busy as it is, misses its deadline. */
  private long counted() {
    JsonNode answer;
    try {
      answer =
          stack
              .client()
              .post(
                  Service.FEATURE_STORE,
                  "/v1/applications/" + APP + "/features:online",
                  Map.of("features", List.of(ITEM_VIEW + ".views_ever"), "entities", items));
    } catch (ApiException e) {
      if (e.status() == 503) {
        return -1;
      }
      throw e;
    }
    long sum = 0;
    for (JsonNode row : answer.path("rows")) {
      sum += row.path("values").path(0).asLong(0);
    }
    return sum;
  }

  private static byte[] definition() {
    try (InputStream in =
        Objects.requireNonNull(LoopApplication.class.getResourceAsStream("application.yaml"))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
