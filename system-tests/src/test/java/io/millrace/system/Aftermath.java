// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import io.millrace.cli.stack.Service;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.serde.Json;
import io.millrace.common.topic.Topics;
import io.millrace.datasets.Dataset;
import io.millrace.system.Kiosk.Buy;
import io.millrace.system.Kiosk.View;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What came of the events in the end, on topics, in stores and behind APIs, against the oracle. Not
 * thread-safe.
 */
final class Aftermath {
  private static final double SAME_ROWS_SHARE = 0.01;

  private final RunningStack stack;
  private final String app;
  private final Topics topics;
  private final Kiosk kiosk;
  private final Oracle oracle;
  private final Compare compare;
  private final long openFromMs;
  private final Map<String, Double> labels;

  /**
   * @param openFromMs event time from which windows are not closed at the end
   */
  Aftermath(RunningStack stack, String app, Kiosk kiosk, long openFromMs) {
    this.stack = stack;
    this.app = app;
    this.topics = new Topics(app);
    this.kiosk = kiosk;
    this.oracle = new Oracle(kiosk);
    this.compare = new Compare(stack);
    this.openFromMs = openFromMs;
    this.labels = oracle.labels(openFromMs);
  }

  private JsonNode get(Service service, String rest) {
    return stack.client().get(service, "/v1/applications/" + app + rest);
  }

  private JsonNode post(Service service, String rest, Object body) {
    return stack.client().post(service, "/v1/applications/" + app + rest, body);
  }

  /**
   * Everything that does not depend on what was predicted.
   *
   * @param sentAgain rows that the sender sent again without knowing what had become of them
   */
  void everything(long sentAgain) {
    events(sentAgain);
    onlineFeatures();
    labels();
    dataset();
    verdicts();
  }

  /**
   * Each good event is on its topic once and as it was sent, each bad one is a dead letter once,
   * and the books balance.
   *
   * @param sentAgain rows that the sender sent again without knowing what had become of them
   */
  private void events(long sentAgain) {
    long good = (long) kiosk.views().size() + kiosk.buys().size();
    long bad = kiosk.malformedIds().size();
    stack.until(
        Service.INGEST,
        () -> {
          JsonNode books = get(Service.INGEST, "/books");
          return books.path("accepted").asLong() >= good
              && books.path("rejected").asLong() >= bad
              && books.path("in").asLong() >= good + bad + kiosk.repeated();
        },
        () ->
            "of %d good, %d bad and %d repeated events: %s"
                .formatted(good, bad, kiosk.repeated(), get(Service.INGEST, "/books")));
    List<Event> views = values(stack.read(topics.events("view")));
    List<Event> buys = values(stack.read(topics.events("buy")));
    compare.eachOnce(Service.INGEST, "accepted views", kiosk.views().keySet(), ids(views));
    compare.eachOnce(
        Service.INGEST,
        "accepted buys",
        kiosk.buys().stream().map(Buy::id).collect(Collectors.toSet()),
        ids(buys));
    Map<String, String> sent = new HashMap<>();
    kiosk.views().values().forEach(view -> sent.put(view.id(), text(view)));
    kiosk.buys().forEach(buy -> sent.put(buy.id(), text(buy)));
    Map<String, String> taken = new HashMap<>();
    views.forEach(event -> taken.put(event.id(), text(event)));
    buys.forEach(event -> taken.put(event.id(), text(event)));
    compare.equal(Service.INGEST, "accepted events", sent, taken);

    List<String> letters =
        stack.read(topics.rejected()).stream()
            .map(ConsumerRecord::value)
            .map(EventRejected::eventId)
            .toList();
    compare.eachOnce(Service.INGEST, "dead letters", kiosk.malformedIds(), letters);

    JsonNode books = get(Service.INGEST, "/books");
    long duplicates = books.path("duplicates").asLong();
    compare.holds(
        Service.INGEST,
        books.path("accepted").asLong() == good
            && books.path("rejected").asLong() == bad
            && books.path("in").asLong() == good + bad + duplicates
            && duplicates >= kiosk.repeated()
            && duplicates <= kiosk.repeated() + sentAgain,
        "the books of %d good, %d bad, %d repeated and at most %d unknowingly repeated rows: %s"
            .formatted(good, bad, kiosk.repeated(), sentAgain, books));
  }

  static String text(View view) {
    return "%d %s %s %s".formatted(view.atMs(), view.user(), view.item(), view.price());
  }

  private static String text(Buy buy) {
    return "%d %s %s %s".formatted(buy.atMs(), buy.user(), buy.item(), buy.viewId());
  }

  private static String text(Event event) {
    Map<String, Object> data = event.data();
    Object last = event.name().equals("view") ? data.get("price") : data.get("viewId");
    return "%d %s %s %s".formatted(event.eventTimeMs(), data.get("user"), data.get("item"), last);
  }

  static <V> List<V> values(List<? extends ConsumerRecord<?, V>> records) {
    return records.stream().map(ConsumerRecord::value).toList();
  }

  private static List<String> ids(List<Event> events) {
    return events.stream().map(Event::id).toList();
  }

  /** Every feature of every user and item, and the number of events that each state is made of. */
  private void onlineFeatures() {
    long expected = 2L * kiosk.views().size() + kiosk.buys().size();
    stack.until(
        Service.FEATURE_STORE,
        () -> get(Service.FEATURE_STORE, "/progress").path("applied").asLong() >= expected,
        () ->
            "applied is to be %d: %s".formatted(expected, get(Service.FEATURE_STORE, "/progress")));
    long atMs =
        kiosk.views().values().stream()
                .filter(view -> view.user().startsWith("u"))
                .mapToLong(View::atMs)
                .max()
                .orElseThrow()
            + Kiosk.BUYS_WITHIN_MS
            + Kiosk.BUYS_WITHIN_MS;
    List<Map<String, String>> entities = new ArrayList<>();
    for (int i = 0; i < Kiosk.USERS; i++) {
      entities.add(Map.of("user", "u" + i, "item", "item" + i % Kiosk.ITEMS));
    }
    JsonNode answer =
        post(
            Service.FEATURE_STORE,
            "/features:online",
            Map.of(
                "views",
                List.of("user_views", "item_views", "user_buys"),
                "entities",
                entities,
                "at",
                atMs));
    Map<String, @Nullable Object> wanted = new TreeMap<>();
    Map<String, @Nullable Object> found = new TreeMap<>();
    for (int i = 0; i < entities.size(); i++) {
      String user = "u" + i;
      String item = "item" + i % Kiosk.ITEMS;
      String subject = user + " " + item + " ";
      oracle.ofUser(user, atMs).forEach((name, value) -> wanted.put(subject + name, value));
      oracle.ofItem(item, atMs).forEach((name, value) -> wanted.put(subject + name, value));
      oracle.states(user, item).forEach((state, n) -> wanted.put(subject + state, n));
      JsonNode row = answer.path("rows").get(i);
      for (int column = 0; column < answer.path("names").size(); column++) {
        found.put(
            subject + answer.path("names").get(column).asString(),
            plain(row.path("values").get(column)));
      }
      row.path("states")
          .properties()
          .forEach(state -> found.put(subject + state.getKey(), state.getValue().asLong()));
    }
    compare.equal(Service.FEATURE_STORE, "online features at the end", wanted, found);
  }

  private static @Nullable Object plain(JsonNode value) {
    return value.isNull() ? null : value.isNumber() ? (Object) value.asDouble() : value.asString();
  }

  /**
   * Each closed moment has its label: every revision once, the last one what the oracle says, and
   * more than one only where a positive event came after the window had been closed.
   */
  private void labels() {
    // A positive event that is joined late corrects its label: that takes as long as it takes.
    List<OutcomeLabelled> told = new ArrayList<>();
    Map<String, Double> last = new HashMap<>();
    stack.until(
        Service.FEATURE_STORE,
        () -> {
          told.clear();
          told.addAll(values(stack.read(topics.labels())));
          last.clear();
          Map<String, Integer> newest = new HashMap<>();
          for (OutcomeLabelled label : told) {
            if (label.revision() >= newest.getOrDefault(label.predictionId(), 0)) {
              newest.put(label.predictionId(), label.revision());
              last.put(label.predictionId(), label.value());
            }
          }
          return last.equals(labels);
        },
        () ->
            Compare.difference("labels", labels, last)
                + "; "
                + get(Service.FEATURE_STORE, "/progress"));
    Map<String, TreeMap<Integer, OutcomeLabelled>> revisions = new HashMap<>();
    List<String> each = new ArrayList<>();
    for (OutcomeLabelled label : told) {
      each.add(label.predictionId() + " revision " + label.revision());
      revisions
          .computeIfAbsent(label.predictionId(), id -> new TreeMap<>())
          .put(label.revision(), label);
    }
    Set<String> allowed = new HashSet<>();
    revisions.forEach(
        (id, all) -> {
          allowed.add(id + " revision 1");
          OutcomeLabelled second = all.get(2);
          if (all.firstEntry().getValue().provenance() == Provenance.IMPLICIT_NEGATIVE
              && second != null
              && second.provenance() == Provenance.CORRECTION) {
            allowed.add(id + " revision 2");
          }
        });
    compare.eachOnce(Service.FEATURE_STORE, "revisions of labels", allowed, each);
    RunningStack.say(
        "%d labels, %d of them corrected because their event was joined late"
            .formatted(labels.size(), each.size() - labels.size()));
  }

  /** A dataset of everything, from the offline store, has each labelled moment once. */
  private void dataset() {
    String id =
        post(Service.FEATURE_STORE, "/datasets", Map.of("evalShare", 0.2))
            .path("datasetId")
            .asString();
    JsonNode[] job = {Json.mapper().nullNode()};
    stack.until(
        Service.FEATURE_STORE,
        () -> {
          job[0] = get(Service.FEATURE_STORE, "/datasets/" + id);
          compare.holds(
              Service.FEATURE_STORE,
              !job[0].path("status").asString("").equals("FAILED"),
              "dataset: " + job[0]);
          return job[0].path("status").asString("").equals("READY");
        },
        () -> "the dataset is not ready: " + job[0]);
    List<String> rows = new ArrayList<>();
    Map<String, Double> found = new HashMap<>();
    for (JsonNode file : job[0].path("manifest").path("files")) {
      Dataset part = Dataset.read(fetch(id, file.path("name").asString()));
      @Nullable String[] ids = part.texts("prediction_id");
      double[] values = part.numbers("label");
      for (int row = 0; row < part.rows(); row++) {
        rows.add(String.valueOf(ids[row]));
        found.put(String.valueOf(ids[row]), values[row]);
      }
    }
    compare.eachOnce(Service.FEATURE_STORE, "rows of the dataset", labels.keySet(), rows);
    compare.equal(Service.FEATURE_STORE, "labels of the dataset", labels, found);
  }

  private Path fetch(String id, String name) {
    Path target = stack.stack().folder().root().resolve("dataset-" + name);
    HttpResponse<byte[]> response =
        stack
            .client()
            .send(
                Service.FEATURE_STORE,
                stack
                    .client()
                    .request(
                        Service.FEATURE_STORE,
                        "/v1/applications/" + app + "/datasets/" + id + "/files/" + name,
                        Duration.ofMinutes(1))
                    .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    compare.holds(
        Service.FEATURE_STORE, response.statusCode() == 200, name + ": " + response.statusCode());
    try {
      return Files.write(target, response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The verdict on each closed span of views counts its rows. One is told again only where a
   * hundredth of its rows has come since, so that it may be that far behind, never ahead.
   */
  private void verdicts() {
    Map<Long, Long> rows = oracle.viewsBySpan(openFromMs);
    Map<Long, Long> told = new TreeMap<>();
    stack.until(
        Service.VALIDATOR,
        () -> {
          told.clear();
          for (DataVerdict verdict : values(stack.read(topics.dataVerdicts()))) {
            if (verdict.event().equals("view") && verdict.rows() > 0) {
              told.put(verdict.startMs(), verdict.rows());
            }
          }
          return rows.keySet().equals(told.keySet())
              && rows.entrySet().stream()
                  .allMatch(
                      span ->
                          told.get(span.getKey()) >= (1 - SAME_ROWS_SHARE) * span.getValue()
                              && told.get(span.getKey()) <= span.getValue());
        },
        () -> "rows of views by span are to be " + rows + " and are " + told);
  }
}
