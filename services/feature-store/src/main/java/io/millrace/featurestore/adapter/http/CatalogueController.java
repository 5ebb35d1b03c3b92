// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.featurestore.catalogue.Catalogue;
import io.millrace.featurestore.catalogue.ModelUses;
import io.millrace.featurestore.catalogue.ModelUses.UnknownUsesException;
import io.millrace.featurestore.catalogue.Profile;
import io.millrace.featurestore.catalogue.Profiles;
import io.millrace.featurestore.freshness.FreshnessWatch;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What features there are, what they mean and cost, and who uses them; searchable. */
@RestController
public final class CatalogueController {
  private static final Duration PROFILE_WAIT = Duration.ofSeconds(2);
  private static final int RETRY_S = 1;

  private final ApplicationRegistry registry;
  private final ServingGenerations serving;
  private final Catalogue catalogue;
  private final Profiles profiles;
  private final FreshnessWatch freshness;
  private final ModelUses models;

  public CatalogueController(
      ApplicationRegistry registry,
      ServingGenerations serving,
      Catalogue catalogue,
      Profiles profiles,
      FreshnessWatch freshness,
      ModelUses models) {
    this.registry = registry;
    this.serving = serving;
    this.catalogue = catalogue;
    this.profiles = profiles;
    this.freshness = freshness;
    this.models = models;
  }

  /** A model version that reads a feature. */
  record Reader(String version, String status) {}

  /**
   * A feature with what was measured of it.
   *
   * @param models versions that read it, newest first
   * @param freshness of its view; null where no part of it is here
   * @param cost of its view; null before it was measured
   * @param distribution of its values over a sample of the entities
   */
  record Feature(
      @JsonUnwrapped Catalogue.Entry entry,
      List<Reader> models,
      FreshnessWatch.@Nullable ViewFreshness freshness,
      Profile.@Nullable Cost cost,
      Profile.@Nullable Distribution distribution) {}

  record Derived(@JsonUnwrapped Catalogue.Derived entry, List<Reader> models) {}

  /**
   * The catalogue of an application.
   *
   * @param modelsUnknown why it is not known which models read the features; absent where it is
   * @param measuredAtMs when cost and distribution were measured; absent before
   * @param asOfMs moment at which values were read for that
   */
  record Answer(
      String app,
      String generation,
      List<Feature> features,
      List<Derived> derived,
      @Nullable String modelsUnknown,
      @Nullable Long measuredAtMs,
      @Nullable Long asOfMs) {}

  @GetMapping("/v1/applications/{app}/catalogue")
  Answer of(
      @PathVariable String app,
      @RequestParam(required = false) @Nullable String q,
      @RequestParam(required = false) @Nullable String entity,
      @RequestParam(required = false) @Nullable String owner,
      @RequestParam(required = false) @Nullable String source) {
    ApplicationDefinition definition = registry.require(app);
    Generation generation =
        serving
            .find(app)
            .orElseThrow(
                () ->
                    ProblemException.unavailable(
                        "application '" + app + "' is being started", RETRY_S));
    Catalogue.Contents contents = catalogue.of(generation, definition);
    List<String> words = words(q);
    List<Catalogue.Entry> found =
        contents.features().stream()
            .filter(each -> matches(each, words, entity, owner, source))
            .toList();
    Map<String, List<Reader>> readers = new TreeMap<>();
    String unknown = null;
    try {
      readers(app, readers);
    } catch (UnknownUsesException e) {
      unknown = e.getMessage();
    }
    Optional<Profile> profile = profiles.of(generation, PROFILE_WAIT);
    Map<String, FreshnessWatch.ViewFreshness> fresh = freshness.of(definition);
    return new Answer(
        app,
        generation.hash(),
        found.stream()
            .map(
                each ->
                    new Feature(
                        each,
                        readers.getOrDefault(each.name(), List.of()),
                        fresh.get(each.view()),
                        profile.map(known -> known.views().get(each.view())).orElse(null),
                        profile.map(known -> known.features().get(each.name())).orElse(null)))
            .toList(),
        contents.derived().stream()
            .filter(
                each ->
                    entity == null
                        && owner == null
                        && source == null
                        && words.stream()
                            .allMatch(
                                word ->
                                    (each.name() + " " + each.expression())
                                        .toLowerCase(Locale.ROOT)
                                        .contains(word)))
            .map(each -> new Derived(each, readers.getOrDefault(each.name(), List.of())))
            .toList(),
        unknown,
        profile.map(Profile::measuredAtMs).orElse(null),
        profile.map(Profile::asOfMs).orElse(null));
  }

  private void readers(String app, Map<String, List<Reader>> readers) throws UnknownUsesException {
    for (ModelUses.Use use : models.of(app)) {
      for (String name : use.reads()) {
        readers
            .computeIfAbsent(name, absent -> new ArrayList<>())
            .add(new Reader(use.version(), use.status()));
      }
    }
  }

  /** A feature that was found, and where. */
  record Found(String app, @JsonUnwrapped Catalogue.Entry entry) {}

  record Finds(List<Found> features) {}

  /** Searches the features of every application. */
  @GetMapping("/v1/catalogue")
  Finds search(
      @RequestParam(required = false) @Nullable String q,
      @RequestParam(required = false) @Nullable String entity,
      @RequestParam(required = false) @Nullable String owner,
      @RequestParam(required = false) @Nullable String source) {
    List<String> words = words(q);
    List<Found> found = new ArrayList<>();
    for (ApplicationApplied applied : registry.all()) {
      serving
          .find(applied.app())
          .ifPresent(
              generation ->
                  catalogue.of(generation, applied.definition()).features().stream()
                      .filter(each -> matches(each, words, entity, owner, source))
                      .forEach(each -> found.add(new Found(applied.app(), each))));
    }
    return new Finds(found);
  }

  private static List<String> words(@Nullable String q) {
    return q == null
        ? List.of()
        : Stream.of(q.toLowerCase(Locale.ROOT).split("\\s+")).filter(w -> !w.isEmpty()).toList();
  }

  private static boolean matches(
      Catalogue.Entry entry,
      List<String> words,
      @Nullable String entity,
      @Nullable String owner,
      @Nullable String source) {
    return entry.says(words)
        && (entity == null || entity.equals(entry.entity()))
        && (owner == null || owner.equals(entry.owner()))
        && (source == null || source.equals(entry.source()));
  }
}
