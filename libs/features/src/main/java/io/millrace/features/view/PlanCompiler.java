// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.ExpressionException;
import io.millrace.features.expression.Expressions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks a view definition, collecting every problem, and lays out its rings. One use. */
final class PlanCompiler {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final int MAX_FEATURES = 1_000;

  /** What the head of a state should take when it is stored, about. */
  private static final int HEAD_BYTES = 400;

  private final String viewName;
  private final FeatureViewDefinition definition;
  private final EventSchema schema;
  private final List<DefinitionException.Problem> problems = new ArrayList<>();
  private final Inputs.Registry inputs = new Inputs.Registry();
  private final List<Ring> rings = new ArrayList<>();
  private final List<OpenGroup> groups = new ArrayList<>();
  private final List<FeaturePlan> features = new ArrayList<>();

  /** Of each feature, ring → partials of it that it uses. */
  private final List<Map<Integer, Set<Partial>>> used = new ArrayList<>();

  private final DefinitionHash canonical = new DefinitionHash();

  /**
   * A read group while features are added to it.
   *
   * @param ofWholeRing whether its partials are kept for all tiles together
   */
  private record OpenGroup(int ring, Window window, boolean ofWholeRing, Set<Partial> partials) {}

  PlanCompiler(String viewName, FeatureViewDefinition definition, EventSchema schema) {
    this.viewName = viewName;
    this.definition = definition;
    this.schema = schema;
  }

  ViewPlan compile() {
    Compiled where = condition("where", definition.where());
    canonical.line("millrace-features", ViewPlan.encodingVersion());
    canonical.line("source", definition.source());
    canonical.line("entity", definition.entity());
    canonical.line("where", where == null ? null : where.canonical());
    if (definition.features().isEmpty()) {
      problem("features", "a view needs at least one feature");
    }
    if (definition.features().size() > MAX_FEATURES) {
      problem("features", "at most " + MAX_FEATURES + " features per view");
    }
    for (Map.Entry<String, FeatureDefinition> entry : definition.features().entrySet()) {
      feature(entry.getKey(), entry.getValue());
    }
    if (!problems.isEmpty()) {
      throw new DefinitionException(viewName, problems);
    }
    for (Ring ring : rings) {
      ring.storeInBlocks(HEAD_BYTES / rings.size());
    }
    ReadGroup[] readGroups =
        groups.stream()
            .map(
                g ->
                    new ReadGroup(
                        g.ring,
                        rings.get(g.ring).grid,
                        g.window,
                        g.partials.toArray(Partial[]::new)))
            .toArray(ReadGroup[]::new);
    return new ViewPlan(
        viewName,
        features,
        rings.toArray(Ring[]::new),
        readGroups,
        inputs.freeze(),
        where,
        canonical.sha256(),
        used.stream().mapToLong(this::mostBytes).toArray());
  }

  private long mostBytes(Map<Integer, Set<Partial>> partials) {
    return partials.entrySet().stream()
        .mapToLong(some -> rings.get(some.getKey()).mostBytes(some.getValue()))
        .sum();
  }

  private static void use(
      Map<Integer, Set<Partial>> used, int ring, Collection<? extends Partial> partials) {
    used.computeIfAbsent(ring, key -> new LinkedHashSet<>()).addAll(partials);
  }

  private void feature(String name, FeatureDefinition feature) {
    int before = problems.size();
    String path = "features." + name;
    if (!NAME.matcher(name).matches()) {
      problem(path, "a feature name is a letter and then letters, digits or '_'");
    }
    Compiled where = condition(path + ".where", feature.where());
    Compiled of = expression(path + ".of", feature.of());
    Compiled by = expression(path + ".by", feature.by());
    Window window = window(path + ".window", feature.window());
    Long halfLife = duration(path + ".halfLife", feature.halfLife());
    Long ttl = duration(path + ".ttl", feature.ttl());
    boolean exact = isExact(path + ".precision", feature.precision());
    Double standIn = feature.defaultValue();
    if (standIn != null && !Double.isFinite(standIn)) {
      problem(path + ".defaultValue", "must be a finite number");
    }
    Aggregate aggregate = Aggregate.named(feature.aggregate());
    if (aggregate == null) {
      problem(
          path + ".aggregate",
          "unknown aggregate '" + feature.aggregate() + "'; known: " + Aggregate.names());
      return;
    }
    boolean ofUnusable = feature.of() != null && of == null;
    if (window == null || ofUnusable || (feature.by() != null && by == null)) {
      return;
    }
    Window declared = exact && window instanceof Window.Sliding s ? new Window.Exact(s) : window;
    FeatureContext context =
        new FeatureContext(this, path, feature, aggregate, of, by, where, declared, halfLife);
    if (!context.check() || problems.size() > before) {
      return;
    }
    FeatureBuilder builder = new FeatureBuilder(context);
    Finaliser finaliser = builder.build();
    int group = groupOf(context.ring, declared, context.partials());
    Map<Integer, Set<Partial>> partials = new HashMap<>();
    use(partials, context.ring, context.partials());
    FeaturePlan.InTiles inTiles = null;
    if (declared instanceof Window.Exact) {
      FeatureContext tiles =
          new FeatureContext(this, path, feature, aggregate, of, by, where, window, halfLife);
      Finaliser ofTiles = new FeatureBuilder(tiles).build();
      int ofGroup = groupOf(tiles.ring, window, tiles.partials());
      inTiles = new FeaturePlan.InTiles(ofGroup, ofTiles);
      use(partials, tiles.ring, tiles.partials());
    }
    EdgePartial newest = null;
    int newestGroup = -1;
    if (ttl != null) {
      Window lifetime = new Window.Lifetime();
      int ring = ringOf(lifetime, -1);
      newest = rings.get(ring).share(context.newestContributor());
      newestGroup = groupOf(ring, lifetime, List.of(newest));
      use(partials, ring, List.of(newest));
    }
    used.add(partials);
    features.add(
        new FeaturePlan(
            name,
            builder.kind(),
            declared,
            group,
            finaliser,
            ttl == null ? Long.MAX_VALUE : ttl,
            newest,
            newestGroup,
            builder.readsMoment(),
            inTiles));
    canonical.line("feature", name);
    canonical.line("aggregate", aggregate.canonicalName());
    canonical.line("of", of == null ? null : of.canonical());
    canonical.line("if", where == null ? null : where.canonical());
    canonical.line("window", declared.text());
    canonical.line("parameters", context.parameters());
    canonical.line("halfLife", halfLife);
    canonical.line("ttl", ttl);
    canonical.line("default", standIn);
    if (isText(of) || isText(by)) {
      canonical.line("texts", KeptText.BOUNDS);
    }
    if (aggregate == Aggregate.MOST_FREQUENT) {
      canonical.line("categories", CategoryCounts.STRIKING);
    }
  }

  int ringOf(Window window, int condition) {
    Ring wanted = new Ring(window.grid(), condition);
    for (int i = 0; i < rings.size(); i++) {
      if (rings.get(i).identity().equals(wanted.identity())) {
        enlarge(rings.get(i).grid, window);
        return i;
      }
    }
    rings.add(wanted);
    return rings.size() - 1;
  }

  private static void enlarge(Grid grid, Window window) {
    switch (grid) {
      case Grid.Fixed fixed when window.grid() instanceof Grid.Fixed other ->
          fixed.atLeast(other.tiles());
      case Grid.Events events when window instanceof Window.Exact exact ->
          events.atMost(exact.inTiles().resolutionMs());
      case Grid.PerEvent perEvent when window instanceof Window.LastEvents last ->
          perEvent.atLeast(last.events());
      default -> {
        // Grids of other kinds are as large as they will ever be.
      }
    }
  }

  /**
   * The group that merges partials over a window. Distinct counts of a ring have one of their own,
   * as they answer less far behind its newest tile than its tiles do.
   */
  private int groupOf(int ring, Window window, Collection<? extends Partial> partials) {
    boolean ofWholeRing = partials.stream().anyMatch(SlidingDistinctPartial.class::isInstance);
    for (int i = 0; i < groups.size(); i++) {
      OpenGroup group = groups.get(i);
      if (group.ring == ring
          && group.ofWholeRing == ofWholeRing
          && group.window.text().equals(window.text())) {
        group.partials.addAll(partials);
        return i;
      }
    }
    groups.add(new OpenGroup(ring, window, ofWholeRing, new LinkedHashSet<>(partials)));
    return groups.size() - 1;
  }

  Ring ring(int index) {
    return rings.get(index);
  }

  Inputs.Registry inputs() {
    return inputs;
  }

  EventSchema schema() {
    return schema;
  }

  int problemCount() {
    return problems.size();
  }

  void problem(String path, String message) {
    problems.add(new DefinitionException.Problem(path, message));
  }

  private @Nullable Compiled expression(String path, @Nullable String cel) {
    if (cel == null) {
      return null;
    }
    try {
      return Expressions.compile(cel, schema);
    } catch (ExpressionException e) {
      problem(path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable Compiled condition(String path, @Nullable String cel) {
    Compiled compiled = expression(path, cel);
    if (compiled != null
        && compiled.resultType() != FieldType.BOOLEAN
        && compiled.resultType() != FieldType.DYNAMIC) {
      problem(path, "a condition is needed, '" + cel + "' is " + compiled.resultType());
      return null;
    }
    return compiled;
  }

  /** Whether its values may be texts. */
  private static boolean isText(@Nullable Compiled value) {
    return value != null
        && (value.resultType() == FieldType.STRING || value.resultType() == FieldType.DYNAMIC);
  }

  private @Nullable Window window(String path, @Nullable String text) {
    if (text == null) {
      return new Window.Lifetime();
    }
    try {
      return Window.parse(text);
    } catch (IllegalArgumentException e) {
      problem(path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable Long duration(String path, @Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return Durations.parsePositiveMs(text);
    } catch (IllegalArgumentException e) {
      problem(path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private boolean isExact(String path, @Nullable String precision) {
    if (precision != null && !precision.equals("tile") && !precision.equals("exact")) {
      problem(path, "unknown precision '" + precision + "'; known: tile, exact");
    }
    // Other windows than sliding ones are exact anyway.
    return "exact".equals(precision);
  }
}
