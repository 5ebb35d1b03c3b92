// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.common.topic.Topics;
import io.millrace.datasets.Dataset;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.featurestore.adapter.cassandra.CassandraSchema;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.CassandraBackend;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A definition that changes which events are accepted, and is taken back: after each change,
 * datasets and parity follow from the events that are accepted now, each of them once.
 */
@RequiresBackends(kafka = true, redis = true, cassandra = true)
class AcceptanceChangeIT {
  private static final int EVENTS = 3000;
  private static final int USERS = 7;
  private static final long STEP_MS = 10_000;
  private static final int ROWS = 70;
  private static final String COUNT = "users.n";

  @TempDir Path folder;

  private final String app = Backends.uniqueName("accept");
  private final Topics topics = new Topics(app);
  private final ApplicationDefinition before =
      Definitions.only(app, Map.of("users", count("user")));
  private final List<Event> events = new ArrayList<>();

  private static FeatureViewDefinition count(String entity) {
    return new FeatureViewDefinition(
        "impression",
        entity,
        null,
        Map.of("n", FeatureDefinition.of("count", null, "7d")),
        "impressions",
        null);
  }

  private ApplicationDefinition withItems() {
    Map<String, FeatureViewDefinition> views = new LinkedHashMap<>();
    views.put("users", count("user"));
    views.put("items", count("item"));
    return Definitions.only(app, views);
  }

  private void happen(int count) {
    for (int i = 0; i < count; i++) {
      events.add(event(events.size()));
    }
  }

  /** Every third names no item. */
  private Event event(int i) {
    String user = "u" + i % USERS;
    long time = Definitions.T0 + i * STEP_MS;
    Map<String, Object> data = new TreeMap<>(Map.of("user", user));
    if (i % 3 > 0) {
      data.put("item", "item" + i % 5);
    }
    return new Event(app, "impression", "i" + i, user, time, time, data);
  }

  @Test
  void applied_otherEventsAreAccepted_historyIsThatOfTheDefinitionThatAnswers()
      throws IOException, InterruptedException {
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore service =
            LiveBackends.service(app, Backends.redis().uri(), folder.resolve("data"))) {
      happen(EVENTS);
      live.apply(before, 1);
      live.send(topics, events);
      service.start();
      answers(service, before, EVENTS);

      ApplicationDefinition after = withItems();
      live.apply(after, 2);
      answers(service, after, 2L * (EVENTS - EVENTS / 3));
      // The former version took them: only this one can say that they count no more.
      assertThat(live.deadLetters(topics, EVENTS / 3)).hasSize(EVENTS / 3);

      int known = events.size();
      happen(EVENTS);
      live.apply(before, 3);
      live.send(topics, events.subList(known, events.size()));
      answers(service, before, 2L * EVENTS);

      assertThat(lineages())
          .containsExactlyInAnyOrder(lineage(before, "users"), lineage(after, "users"));
      live.delete(app);
      Await.until(() -> lineages().isEmpty(), LiveBackends.LIMIT, service::tail);
    }
  }

  private static String lineage(ApplicationDefinition definition, String view) {
    return Generation.of(definition).groups().stream()
        .filter(group -> group.plans().getFirst().viewName().equals(view))
        .map(FeatureGroup::lineage)
        .findFirst()
        .orElseThrow();
  }

  /** Those of which there is a history of users. */
  private Set<String> lineages() {
    CassandraBackend cassandra = Backends.cassandra();
    try (CqlSession session =
        CassandraSchema.open(cassandra.address(), cassandra.datacenter(), 1)) {
      return session
          .execute(
              "SELECT DISTINCT app, event, entity, lineage, key, bucket FROM millrace.history_runs")
          .all()
          .stream()
          .filter(row -> app.equals(row.getString(0)) && "user".equals(row.getString(2)))
          .map(row -> String.valueOf(row.getString(3)))
          .collect(Collectors.toSet());
    }
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  /** Waits until a definition answers with all events, and compares with a loop over them. */
  private void answers(RunningFeatureStore service, ApplicationDefinition definition, long applied)
      throws IOException, InterruptedException {
    Await.until(
        () ->
            service.status(path("/catalogue")) == 200
                && service
                    .get(path("/catalogue"))
                    .get("generation")
                    .asString()
                    .equals(Generation.of(definition).hash())
                && service.get(path("/progress")).get("applied").asLong() == applied
                && !service.get(path("/progress")).get("rolling").asBoolean(),
        LiveBackends.LIMIT,
        service::tail);
    boolean needsItem = definition.requiredEntities("impression").contains("item");
    parityHolds(service, needsItem);
    datasetIsALoop(service, needsItem);
  }

  private long count(String user, long untilMs, boolean needsItem) {
    return events.stream()
        .filter(each -> user.equals(each.key()) && each.eventTimeMs() <= untilMs)
        .filter(each -> !needsItem || each.data().containsKey("item"))
        .count();
  }

  private void parityHolds(RunningFeatureStore service, boolean needsItem)
      throws IOException, InterruptedException {
    long end = Definitions.T0 + events.size() * STEP_MS;
    List<Map<String, String>> entities = new ArrayList<>();
    for (int user = 0; user < USERS; user++) {
      entities.add(Map.of("user", "u" + user));
    }
    JsonNode served =
        service.post(
            path("/features:online"),
            Map.of("features", List.of(COUNT), "entities", entities, "at", end));
    List<Map<String, Object>> vectors = new ArrayList<>();
    for (int user = 0; user < USERS; user++) {
      JsonNode row = served.get("rows").get(user);
      long value = row.get("values").get(0).asLong();
      assertThat(value).isEqualTo(count("u" + user, end, needsItem));
      vectors.add(
          Map.of(
              "states",
              Json.mapper().treeToValue(row.get("states"), Map.class),
              "momentMs",
              end,
              "features",
              Map.of(COUNT, value)));
    }
    JsonNode answer = service.post(path("/parity"), Map.of("vectors", vectors));
    assertThat(answer.get("equal").asInt()).as(answer.toString()).isEqualTo(USERS);
  }

  private void datasetIsALoop(RunningFeatureStore service, boolean needsItem)
      throws IOException, InterruptedException {
    StringBuilder csv = new StringBuilder("user,moment\n");
    long[] moments = new long[ROWS];
    for (int row = 0; row < ROWS; row++) {
      moments[row] = Definitions.T0 + (row + 1) * (events.size() / ROWS) * STEP_MS;
      csv.append("u").append(row % USERS).append(',').append(moments[row]).append('\n');
    }
    String spine =
        service
            .send(path("/datasets/spines"), csv.toString().getBytes(StandardCharsets.UTF_8))
            .get("id")
            .asString();
    String dataset =
        service
            .post(path("/datasets"), Map.of("spine", spine, "features", List.of(COUNT)))
            .get("datasetId")
            .asString();
    Await.until(
        () -> {
          JsonNode job = service.get(path("/datasets/" + dataset));
          assertThat(job.get("status").asString()).as(job.toString()).isNotEqualTo("FAILED");
          return job.get("status").asString().equals("READY");
        },
        LiveBackends.LIMIT,
        service::tail);
    Path file = folder.resolve("rows.parquet");
    Files.write(file, service.bytes(path("/datasets/" + dataset + "/files/rows.parquet")));
    Dataset rows = Dataset.read(file);
    assertThat(rows.rows()).isEqualTo(ROWS);
    for (int row = 0; row < ROWS; row++) {
      assertThat(rows.numbers(COUNT)[row])
          .as("row " + row)
          .isEqualTo((double) count("u" + row % USERS, moments[row], needsItem));
    }
  }
}
