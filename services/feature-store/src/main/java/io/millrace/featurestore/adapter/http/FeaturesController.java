// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.online.OnlineReader;
import io.millrace.featurestore.parity.ParityCheck.Served;
import io.millrace.featurestore.parity.ParityMeter;
import io.millrace.featurestore.progress.Measures;
import io.millrace.featurestore.view.FeatureSet;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import io.millrace.featurestore.view.UnknownFeatureException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Online features. */
@RestController
@RequestMapping("/v1/applications/{app}")
public final class FeaturesController {
  /** Most entities of one request. */
  public static final int ENTITIES_MAX = 1000;

  private static final int RETRY_S = 1;
  private static final ParityMeter.Origin ONLINE = new ParityMeter.Origin("online", "");

  private final ApplicationRegistry registry;
  private final ServingGenerations serving;
  private final OnlineReader reader;
  private final ParityMeter parity;
  private final EntityKeys entityKeys;
  private final Measures measures;
  private final InstantSource clock;

  public FeaturesController(
      ApplicationRegistry registry,
      ServingGenerations serving,
      OnlineReader reader,
      ParityMeter parity,
      EntityKeys entityKeys,
      Measures measures,
      InstantSource clock) {
    this.registry = registry;
    this.serving = serving;
    this.reader = reader;
    this.parity = parity;
    this.entityKeys = entityKeys;
    this.measures = measures;
    this.clock = clock;
  }

  /**
   * @param at one moment for all rows; absent means now
   * @param ats a moment for each row
   */
  record OnlineRequest(
      @Nullable List<String> views,
      @Nullable List<String> features,
      @Nullable List<Map<String, @Nullable Object>> entities,
      @Nullable Object at,
      @Nullable List<@Nullable Object> ats,
      @Nullable Boolean pseudonymous) {}

  record OnlineAnswer(long asOf, List<String> names, List<OnlineRow> rows) {}

  record OnlineRow(
      List<@Nullable Object> values,
      List<String> status,
      Map<String, Long> states,
      List<@Nullable Long> ageMs) {}

  @PostMapping("/features:online")
  OnlineAnswer online(@PathVariable String app, @RequestBody OnlineRequest request) {
    Generation generation = generation(app);
    List<Map<String, @Nullable Object>> entities = request.entities();
    if (entities == null || entities.isEmpty() || entities.size() > ENTITIES_MAX) {
      throw ProblemException.invalid(
          "entities",
          List.of(new Violation("entities", "size", "send 1 to " + ENTITIES_MAX + " entities")));
    }
    if (request.ats() != null && request.ats().size() != entities.size()) {
      throw ProblemException.invalid(
          "ats", List.of(new Violation("ats", "size", "send one moment for each of entities")));
    }
    long asOf = Moments.parse(request.at(), clock.millis(), "at");
    boolean pseudonymous = Boolean.TRUE.equals(request.pseudonymous());
    List<Map<String, String>> rows = new ArrayList<>(entities.size());
    List<Long> moments = new ArrayList<>(entities.size());
    for (int i = 0; i < entities.size(); i++) {
      rows.add(
          entityKeys.of(
              generation.definition(), entities.get(i), pseudonymous, "entities[" + i + "]"));
      moments.add(
          request.ats() == null
              ? asOf
              : Moments.parse(request.ats().get(i), asOf, "ats[" + i + "]"));
    }
    FeatureSet set = featureSet(generation, request.views(), request.features());
    return new OnlineAnswer(asOf, set.names(), read(set, rows, moments));
  }

  private List<OnlineRow> read(FeatureSet set, List<Map<String, String>> rows, List<Long> moments) {
    long start = System.nanoTime();
    try {
      List<OnlineRow> answer =
          reader.read(set, rows, moments).stream()
              .map(
                  row ->
                      new OnlineRow(
                          row.values(),
                          row.status().stream()
                              .map(status -> status.name().toLowerCase(Locale.ROOT))
                              .toList(),
                          row.states(),
                          row.ageMs()))
              .toList();
      measures.read(set.generation().app(), rows.size(), (System.nanoTime() - start) / 1e6);
      offer(set, rows, moments, answer);
      return answer;
    } catch (StoreUnavailableException e) {
      throw ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_S);
    }
  }

  /** Lets the parity meter check what is served for its sample of the keys. */
  private void offer(
      FeatureSet set, List<Map<String, String>> rows, List<Long> moments, List<OnlineRow> answer) {
    long now = clock.millis();
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).values().stream().anyMatch(parity::samples)) {
        Map<String, @Nullable Object> features = new LinkedHashMap<>();
        for (int column = 0; column < set.names().size(); column++) {
          features.put(set.names().get(column), answer.get(i).values().get(column));
        }
        Served served = new Served(answer.get(i).states(), moments.get(i), features);
        parity.offer(set.generation().app(), served, now, ONLINE);
      }
    }
  }

  /** One view of one key. */
  @GetMapping("/features/{view}/{key}")
  Map<String, Object> one(
      @PathVariable String app,
      @PathVariable String view,
      @PathVariable String key,
      @RequestParam(required = false) @Nullable String at,
      @RequestParam(defaultValue = "false") boolean pseudonymous) {
    Generation generation = generation(app);
    Generation.Place place = generation.find(view);
    if (place == null) {
      throw ProblemException.notFound("there is no feature view '" + view + "'");
    }
    long asOf = Moments.parse(at, clock.millis(), "at");
    String entity = place.group().entity();
    Map<String, String> keys =
        entityKeys.of(generation.definition(), Map.of(entity, key), pseudonymous, "key");
    FeatureSet set = featureSet(generation, List.of(view), null);
    OnlineRow row = read(set, List.of(keys), List.of(asOf)).getFirst();
    Map<String, Object> features = new LinkedHashMap<>();
    for (int i = 0; i < set.names().size(); i++) {
      Map<String, @Nullable Object> feature = new LinkedHashMap<>();
      feature.put("value", row.values().get(i));
      feature.put("status", row.status().get(i));
      features.put(set.names().get(i).substring(view.length() + 1), feature);
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("asOf", asOf);
    answer.put("view", view);
    answer.put("entity", entity);
    answer.put("key", Objects.requireNonNullElse(keys.get(entity), key));
    answer.put("features", features);
    answer.put("states", row.states());
    Long age = row.ageMs().isEmpty() ? null : row.ageMs().getFirst();
    if (age != null) {
      answer.put("ageMs", age);
    }
    return answer;
  }

  private FeatureSet featureSet(
      Generation generation, @Nullable List<String> views, @Nullable List<String> features) {
    try {
      return FeatureSet.of(generation, views, features);
    } catch (UnknownFeatureException e) {
      throw ProblemException.invalid(
          "unknown feature",
          List.of(new Violation("features", "unknown", String.valueOf(e.getMessage()))));
    }
  }

  private Generation generation(String app) {
    registry.require(app);
    return serving
        .find(app)
        .orElseThrow(
            () ->
                ProblemException.unavailable(
                    "application '" + app + "' is being started", RETRY_S));
  }
}
