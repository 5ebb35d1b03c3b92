// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import io.millrace.cli.stack.Service;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.serde.Json;
import io.millrace.common.topic.Topics;
import io.millrace.system.Kiosk.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What was served and what became of it, against the views that were sent and their labels. Not
 * thread-safe.
 */
final class Served {
  private static final int PARITY_MAX = 10_000;
  private static final int INSTANCES = 500;
  private static final List<String> STORED =
      List.of(
          "user_views.n",
          "user_views.spend_2h",
          "item_views.n_2h",
          "item_views.cheapest_2h",
          "user_buys.n",
          "user_buys.gap_s");

  private final RunningStack stack;
  private final String app;
  private final Topics topics;
  private final Kiosk kiosk;
  private final Compare compare;
  private final long openFromMs;
  private List<ConsumerRecord<String, PredictionServed>> predictions = List.of();

  /**
   * @param openFromMs event time from which windows are not closed at the end
   */
  Served(RunningStack stack, String app, Kiosk kiosk, long openFromMs) {
    this.stack = stack;
    this.app = app;
    this.topics = new Topics(app);
    this.kiosk = kiosk;
    this.compare = new Compare(stack);
    this.openFromMs = openFromMs;
  }

  private JsonNode post(Service service, String rest, Object body) {
    return stack.client().post(service, "/v1/applications/" + app + rest, body);
  }

  /**
   * Every view since the champion has one prediction and none has two: all that were sent once it
   * served, and of those before, in each partition, either none or all from one on.
   *
   * @param perhaps views that were sent before it was known to serve
   */
  void predictions(Set<String> perhaps) {
    Set<String> certain = new TreeSet<>(kiosk.views().keySet());
    certain.removeAll(perhaps);
    stack.until(
        Service.INFERENCE,
        () -> predicted().containsAll(certain),
        () -> {
          Set<String> missing = new TreeSet<>(certain);
          missing.removeAll(predicted());
          return "%d of %d views have no prediction, the first is %s"
              .formatted(missing.size(), certain.size(), missing.iterator().next());
        });
    Set<String> expected = new HashSet<>(predicted());
    Set<Integer> begun = new HashSet<>();
    for (ConsumerRecord<String, Event> view : stack.read(topics.events("view"))) {
      if (expected.contains(view.value().id())) {
        begun.add(view.partition());
      } else if (begun.contains(view.partition())) {
        // Fails below, by its id.
        expected.add(view.value().id());
      }
    }
    List<PredictionServed> served =
        Aftermath.values(predictions).stream()
            .filter(each -> each.source().equals("event"))
            .toList();
    compare.eachOnce(
        Service.INFERENCE,
        "predictions",
        expected,
        served.stream().map(PredictionServed::predictionId).toList());
    Map<String, String> asked = new HashMap<>();
    Map<String, String> answered = new HashMap<>();
    for (PredictionServed each : served) {
      View view = kiosk.views().get(each.predictionId());
      asked.put(each.predictionId(), view == null ? "no view" : Aftermath.text(view));
      answered.put(
          each.predictionId(),
          "%d %s %s %s"
              .formatted(
                  each.momentMs(),
                  each.entities().get("user"),
                  each.entities().get("item"),
                  each.features().get("event.price")));
    }
    compare.equal(Service.INFERENCE, "what was predicted", asked, answered);
    RunningStack.say(
        "%d predictions, %d of them without features because the feature store was down"
            .formatted(
                served.size(), served.stream().filter(each -> each.fallback() != null).count()));
  }

  private Set<String> predicted() {
    predictions = stack.read(topics.predictions());
    return predictions.stream()
        .map(ConsumerRecord::value)
        .filter(each -> each.source().equals("event"))
        .map(PredictionServed::predictionId)
        .collect(Collectors.toSet());
  }

  /**
   * The vectors that predictions were made on, recomputed from the offline store, are the same bit
   * by bit. Views give what they give; requests fill up to the number that is wanted.
   */
  void recordedVectors(int wanted) {
    Map<String, PredictionServed> vectors = new LinkedHashMap<>();
    for (PredictionServed each : Aftermath.values(predictions)) {
      if (each.fallback() == null) {
        vectors.put(each.predictionId(), each);
      }
    }
    int onEvents = vectors.size();
    Set<String> requested = new HashSet<>();
    SplittableRandom random = new SplittableRandom(wanted);
    stack.until(
        Service.INFERENCE,
        () -> {
          for (PredictionServed each : request(random, requested)) {
            if (each.fallback() == null) {
              vectors.put(each.predictionId(), each);
            }
          }
          return vectors.size() >= wanted;
        },
        () -> vectors.size() + " vectors were served");
    stack.until(
        Service.INFERENCE,
        () -> {
          predictions = stack.read(topics.predictions());
          return predictions.stream().filter(Served::isRequest).count() >= requested.size();
        },
        () -> "of %d answered requests some are not on the topic".formatted(requested.size()));
    compare.eachOnce(
        Service.INFERENCE,
        "answered requests",
        requested,
        predictions.stream()
            .filter(Served::isRequest)
            .map(each -> each.value().predictionId())
            .toList());
    List<PredictionServed> all = List.copyOf(vectors.values());
    for (int from = 0; from < all.size(); from += PARITY_MAX) {
      parity(all.subList(from, Math.min(all.size(), from + PARITY_MAX)));
    }
    RunningStack.say(
        "%d recorded vectors, %d of them of events, are bit-equal to the offline store"
            .formatted(all.size(), onEvents));
  }

  private static boolean isRequest(ConsumerRecord<String, PredictionServed> each) {
    return each.value().source().equals("request");
  }

  private List<PredictionServed> request(SplittableRandom random, Set<String> requested) {
    List<Map<String, Object>> instances = new ArrayList<>();
    for (int i = 0; i < INSTANCES; i++) {
      String id = "r" + requested.size();
      requested.add(id);
      instances.add(
          Map.of(
              "id",
              id,
              "entities",
              Map.of(
                  "user",
                  "u" + random.nextInt(Kiosk.USERS + 5),
                  "item",
                  "item" + random.nextInt(Kiosk.ITEMS)),
              "request",
              Map.of("price", random.nextInt(100)),
              "at",
              openFromMs - random.nextLong(9 * Kiosk.HOUR_MS)));
    }
    List<PredictionServed> served = new ArrayList<>();
    for (JsonNode each :
        post(Service.INFERENCE, "/predictions", Map.of("instances", instances))
            .path("predictions")) {
      served.add(Json.mapper().treeToValue(each, PredictionServed.class));
    }
    return served;
  }

  private void parity(List<PredictionServed> vectors) {
    List<Map<String, Object>> body = new ArrayList<>();
    for (PredictionServed each : vectors) {
      Map<String, @Nullable Object> features = new TreeMap<>();
      // What a prediction leaves out was missing, and must be missing again.
      for (String name : STORED) {
        features.put(name, each.features().get(name));
      }
      body.add(Map.of("states", each.states(), "momentMs", each.momentMs(), "features", features));
    }
    JsonNode answer = post(Service.FEATURE_STORE, "/parity", Map.of("vectors", body));
    Map<String, String> same = new HashMap<>();
    Map<String, String> found = new HashMap<>();
    for (int i = 0; i < vectors.size(); i++) {
      String id = vectors.get(i).predictionId();
      JsonNode result = answer.path("results").path(i);
      same.put(id, "equal");
      found.put(
          id,
          result.path("equal").asBoolean(false) ? "equal" : result.path("mismatches").toString());
    }
    compare.equal(Service.FEATURE_STORE, "served vectors recomputed from history", same, found);
  }

  /** The monitor counts each prediction once and has joined each that has a label. */
  void outcomes() {
    Map<String, Double> labels = new Oracle(kiosk).labels(openFromMs);
    long joined =
        predictions.stream()
            .filter(each -> each.value().source().equals("event"))
            .filter(each -> labels.containsKey(each.value().predictionId()))
            .count();
    String expected = predictions.size() + " predictions, " + joined + " outcomes";
    stack.until(
        Service.MONITOR,
        () -> outcomesTold().equals(expected),
        () -> "is to have " + expected + " and has " + outcomesTold());
  }

  private String outcomesTold() {
    long counted = 0;
    long joined = 0;
    for (JsonNode version :
        stack.client().get(Service.MONITOR, "/v1/applications/" + app + "/performance")) {
      counted += version.path("predictions").asLong();
      joined += version.path("outcomes").asLong();
    }
    return counted + " predictions, " + joined + " outcomes";
  }
}
