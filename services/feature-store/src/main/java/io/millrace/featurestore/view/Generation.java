// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.view.ViewPlan;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The feature views of an application as of one definition, compiled. Two definitions whose views
 * mean the same are one generation; a generation has its own streams application, its own states
 * and its own keys in the online store. Immutable.
 *
 * @param app application
 * @param hash 12 hexadecimal digits
 * @param groups in the order of the definition
 */
public record Generation(
    String app, String hash, ApplicationDefinition definition, List<FeatureGroup> groups) {
  private static final int HASH_BYTES = 6;

  /** A view's place. */
  public record Place(FeatureGroup group, int index) {
    public ViewPlan plan() {
      return group.plans().get(index);
    }
  }

  public Generation {
    groups = List.copyOf(groups);
  }

  /** Compiles the views of a definition. */
  public static Generation of(ApplicationDefinition definition) {
    Map<String, ViewPlan> plans = new LinkedHashMap<>();
    StringBuilder identity = new StringBuilder("2");
    definition
        .featureViews()
        .forEach(
            (name, view) -> {
              ViewPlan plan =
                  ViewPlan.compile(name, view, definition.event(view.source()).eventSchema());
              plans.put(name, plan);
              identity.append(
                  String.join(
                      "\u0000",
                      "\n" + name,
                      view.source(),
                      view.entity(),
                      plan.definitionHash(),
                      String.valueOf(definition.entities().get(view.entity())),
                      acceptance(definition, view.source())));
              if (view.isEmitted()) {
                identity.append("\u0000emitted");
              }
            });
    String hash = shortHash(identity.toString());
    Map<String, List<ViewPlan>> byGroup = new LinkedHashMap<>();
    definition
        .featureViews()
        .forEach(
            (name, view) ->
                byGroup
                    .computeIfAbsent(
                        view.source() + "\u0000" + view.entity(), k -> new ArrayList<>())
                    .add(Objects.requireNonNull(plans.get(name))));
    List<FeatureGroup> groups = new ArrayList<>();
    byGroup.forEach(
        (key, views) -> {
          FeatureViewDefinition first =
              Objects.requireNonNull(definition.featureViews().get(views.getFirst().viewName()));
          boolean primary = first.entity().equals(definition.primaryEntity(first.source()));
          String lineage = primary ? acceptance(definition, first.source()) : hash;
          groups.add(new FeatureGroup(first.source(), first.entity(), primary, lineage, views));
        });
    return new Generation(definition.name(), hash, definition, groups);
  }

  /**
   * A hash of what decides which records of an event's topic are accepted, which of them are late,
   * and whose they are: all of a definition that the number of an event among those of its key
   * follows from. Its first character is for what decides it beside the definition: the code.
   */
  private static String acceptance(ApplicationDefinition definition, String source) {
    StringBuilder acceptance = new StringBuilder("1");
    acceptance.append(definition.event(source).lateness());
    acceptance.append('\u0000').append(definition.primaryEntity(source));
    // Which of two missing keys a dead letter names does not matter: sorted.
    for (String name : new TreeSet<>(definition.requiredEntities(source))) {
      EntityDefinition entity = definition.entities().get(name);
      acceptance.append('\u0000').append(name);
      if (entity != null) {
        acceptance
            .append('\u0001')
            .append(String.join("\u0001", entity.keyFields()))
            .append('\u0002')
            .append(entity.constant());
      }
    }
    return shortHash(acceptance.toString());
  }

  /** Whether another generation takes and refuses the same records of an event's topic. */
  public boolean acceptsAs(Generation other, String source) {
    return acceptance(definition, source).equals(acceptance(other.definition, source));
  }

  /** The first digits of a SHA-256. */
  public static String shortHash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Whether a view's features as of each event are published. */
  public boolean isEmitted(String view) {
    FeatureViewDefinition found = definition.featureViews().get(view);
    return found != null && found.isEmitted();
  }

  /** Fields that the views and entities of an event read. */
  public Set<String> fields(String source) {
    Set<String> fields = new TreeSet<>();
    groups.stream()
        .filter(group -> group.source().equals(source))
        .flatMap(group -> group.plans().stream())
        .forEach(plan -> fields.addAll(plan.fields()));
    definition.entities().values().forEach(entity -> fields.addAll(entity.keyFields()));
    return fields;
  }

  /** The views of all groups. */
  public List<ViewPlan> plans() {
    return groups.stream().flatMap(group -> group.plans().stream()).toList();
  }

  /** Names a part of a group's states, unique within the application. */
  public String part(FeatureGroup group, int part) {
    return hash + '/' + group.name() + '#' + part;
  }

  /** Where a view is; null where there is no such view. */
  public @org.jspecify.annotations.Nullable Place find(String view) {
    for (FeatureGroup group : groups) {
      for (int i = 0; i < group.plans().size(); i++) {
        if (group.plans().get(i).viewName().equals(view)) {
          return new Place(group, i);
        }
      }
    }
    return null;
  }
}
