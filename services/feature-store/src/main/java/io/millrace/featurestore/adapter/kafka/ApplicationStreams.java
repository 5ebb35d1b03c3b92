// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.topology.Collaborators;
import io.millrace.featurestore.topology.FeatureTopology;
import io.millrace.featurestore.version.BeingRemovedException;
import io.millrace.featurestore.version.VersionLife;
import io.millrace.featurestore.version.VersionUses;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GenerationStore;
import io.millrace.featurestore.view.GenerationStore.Active;
import io.millrace.featurestore.view.GenerationStore.Kind;
import io.millrace.featurestore.view.ServingGenerations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams applications of one Millrace application: its features and its labels, each rolled
 * over when their definition changes. One thread of its own takes definitions in order and
 * supervises. While a backend is away, processing pauses; it resumes alone. Thread-safe.
 */
public final class ApplicationStreams {
  private static final Logger LOG = LoggerFactory.getLogger(ApplicationStreams.class);
  private static final long SUPERVISE_MS = 500;

  /** How long an instance that ends an application for good waits for the others to end it. */
  private static final Duration REMOVAL_PATIENCE = Duration.ofSeconds(90);

  /** The only version of what all versions share. */
  private static final String APPLICATION = "application";

  private final String app;
  private final Settings settings;
  private final StreamsStarter starter;
  private final Rollover<Generation> features;
  private final Rollover<LabelRule> labels;
  private final VersionLife shared;
  private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private final Thread thread;
  private boolean isBegun;
  private volatile Status status =
      new Status(List.of(), "", Optional.empty(), OptionalLong.empty(), false, Optional.empty());

  /**
   * What all applications share.
   *
   * @param folder where local state lies
   * @param instance name that stays the same over restarts and differs between instances
   * @param threads stream threads of each streams application
   * @param standbys instances that keep a copy of a task's state beside the one that works on it
   * @param guarantee of features; labels are always exact
   * @param uses which instance computes what
   * @param backendsUp whether the online and the offline store answer
   */
  public record Settings(
      KafkaSettings kafka,
      Admin admin,
      Path folder,
      String instance,
      int threads,
      int standbys,
      Guarantee guarantee,
      Collaborators with,
      HistoryStore history,
      GenerationStore generations,
      VersionUses uses,
      ServingGenerations serving,
      BooleanSupplier backendsUp) {}

  /**
   * How it is.
   *
   * @param states streams application → state
   * @param featuresId application id of the features that answer; blank without
   * @param labelsId application id of the labels
   * @param lag records not committed yet; empty where Kafka has not said so of all streams
   * @param rolling whether a next version is catching up
   * @param failure why processing does not go on, where it does not
   */
  public record Status(
      List<String> states,
      String featuresId,
      Optional<String> labelsId,
      OptionalLong lag,
      boolean rolling,
      Optional<String> failure) {

    private Status failedWith(Throwable cause) {
      return new Status(states, featuresId, labelsId, lag, rolling, Optional.of(cause.toString()));
    }
  }

  private sealed interface Command {
    record Apply(ApplicationDefinition definition) implements Command {}

    record Stop(boolean forGood) implements Command {}
  }

  /**
   * Starts with a definition.
   *
   * @param after removes a former application of this name, which ends first; null for none
   */
  public ApplicationStreams(String app, Settings settings, @Nullable Thread after) {
    this.app = app;
    this.settings = settings;
    this.starter = new StreamsStarter(app, settings);
    FeatureVersions generations = new FeatureVersions(app, settings, starter);
    LabelVersions rules = new LabelVersions(app, settings, starter);
    this.features = new Rollover<>(generations, life(Kind.FEATURES, generations::remove));
    this.labels = new Rollover<>(rules, life(Kind.LABELS, rules::remove));
    this.shared = life(Kind.SHARED, version -> removeShared());
    thread = Thread.ofPlatform().name("streams-" + app).start(() -> run(after));
  }

  private VersionLife life(Kind kind, Consumer<String> remove) {
    return new VersionLife(
        app, kind, settings.instance(), settings.uses(), remove, System::nanoTime);
  }

  private void removeShared() {
    settings.history().deleteAll(app);
    settings.generations().remove(app);
  }

  /** Takes a definition, now or after those before it. */
  public void apply(ApplicationDefinition definition) {
    commands.add(new Command.Apply(definition));
  }

  /** Ends processing; a later start goes on from there. */
  public void stop() {
    end(false);
  }

  /** Ends processing and removes what has been computed. */
  public void remove() {
    end(true);
  }

  private void end(boolean forGood) {
    commands.add(new Command.Stop(forGood));
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until features and labels have taken everything that was accepted by now, and the history
   * has it.
   *
   * @param patience how long one of them may stand still
   * @throws IllegalStateException where it does not go on
   */
  public void awaitSettled(Duration patience) throws InterruptedException {
    Generation waited;
    do {
      waited = features.active();
      for (StreamsRun run : Arrays.asList(features.activeRun(), labels.activeRun())) {
        if (run != null) {
          run.awaitSettled(patience);
        }
      }
      // Another version that takes over meanwhile has answered for what it had read by then.
    } while (!isInHistory(waited, patience));
  }

  /**
   * Waits until everything that features have committed by now is in the history.
   *
   * @param patience how long no part of them may say so
   * @throws IllegalStateException where they do not
   */
  public void awaitHistory(Duration patience) throws InterruptedException {
    while (!isInHistory(features.active(), patience)) {
      LOG.debug("{}: another version has taken over", app);
    }
  }

  /** Waits; false where another version answers since. */
  private boolean isInHistory(@Nullable Generation generation, Duration patience)
      throws InterruptedException {
    Set<String> parts =
        generation == null ? Set.of() : FeatureTopology.parts(generation, starter::partitionsOf);
    return settings.with().settling().await(app, parts, patience, () -> isActive(generation));
  }

  private boolean isActive(@Nullable Generation generation) {
    Generation now = features.active();
    return generation != null && now != null && generation.hash().equals(now.hash());
  }

  public Status status() {
    return status;
  }

  private void run(@Nullable Thread after) {
    @Nullable Command unfinished = null;
    try {
      if (after != null) {
        after.join();
      }
      while (true) {
        Command command = next(unfinished);
        unfinished = null;
        try {
          features.keep();
          labels.keep();
          shared.keep(isBegun ? Set.of(APPLICATION) : Set.of());
          if (command instanceof Command.Stop stop) {
            stop(stop.forGood());
            return;
          }
          if (command instanceof Command.Apply apply && !hasTaken(apply)) {
            unfinished = command;
            TimeUnit.MILLISECONDS.sleep(SUPERVISE_MS);
          }
          supervise();
        } catch (RuntimeException e) {
          // Whatever the reason, a definition that was applied must come into force in the end.
          LOG.error("application {}: trying again", app, e);
          status = status.failedWith(e);
          unfinished = command;
          TimeUnit.MILLISECONDS.sleep(SUPERVISE_MS);
        }
      }
    } catch (InterruptedException e) {
      features.stop();
      labels.stop();
      Thread.currentThread().interrupt();
    } catch (Error e) {
      LOG.error("application {}: processing has ended", app, e);
      status = status.failedWith(e);
      throw e;
    }
  }

  /** What to do next; of several definitions only the last, as at a start after many changes. */
  private @Nullable Command next(@Nullable Command unfinished) throws InterruptedException {
    Command next =
        unfinished != null ? unfinished : commands.poll(SUPERVISE_MS, TimeUnit.MILLISECONDS);
    while (next instanceof Command.Apply && !commands.isEmpty()) {
      next = commands.take();
    }
    return next;
  }

  /** False where that has to wait for another instance. */
  private boolean hasTaken(Command.Apply apply) {
    try {
      take(apply.definition());
      Set<String> running = new HashSet<>();
      features.runs().forEach(run -> running.add(run.applicationId()));
      labels.runs().forEach(run -> running.add(run.applicationId()));
      starter.deleteLocalBut(running);
      return true;
    } catch (BeingRemovedException e) {
      LOG.info("application {}: waiting: {}", app, e.getMessage());
      return false;
    }
  }

  private void stop(boolean forGood) throws InterruptedException {
    settings.with().settling().forget(app);
    if (!forGood) {
      features.stop();
      labels.stop();
      return;
    }
    features.endAll();
    labels.endAll();
    settings.serving().remove(app);
    await(() -> !(features.isLeft() | labels.isLeft()));
    isBegun = false;
    // One instance removes it, and none begins anew meanwhile: it would lose what it has written.
    shared.retire(APPLICATION);
    shared.left(APPLICATION);
    await(() -> !shared.sweepNow());
  }

  private void await(BooleanSupplier isRemoved) throws InterruptedException {
    long deadline = System.nanoTime() + REMOVAL_PATIENCE.toNanos();
    while (!isRemoved.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        LOG.warn("application {}: another instance has not ended it; something is left", app);
        break;
      }
      TimeUnit.MILLISECONDS.sleep(SUPERVISE_MS);
    }
  }

  private void take(ApplicationDefinition definition) {
    if (!isBegun) {
      shared.begin(APPLICATION);
      isBegun = true;
    }
    Generation generation = Generation.of(definition);
    if (!features.hasActive()) {
      Optional<Active> told = settings.generations().find(app, Kind.FEATURES);
      features.startActive(
          told.filter(active -> !active.hash().equals(generation.hash()))
              .map(active -> Generation.of(active.definition()))
              .orElse(generation),
          told.isEmpty());
    }
    features.want(generation);
    LabelRule rule = LabelRule.of(definition);
    if (rule == null) {
      labels.endAll();
      return;
    }
    if (!labels.hasActive()) {
      Optional<Active> told = settings.generations().find(app, Kind.LABELS);
      LabelRule old =
          told.filter(active -> !active.hash().equals(rule.hash()))
              .map(active -> LabelRule.of(active.definition()))
              .orElse(null);
      labels.startActive(old == null ? rule : old, told.isEmpty());
    }
    labels.want(rule);
  }

  private void supervise() throws InterruptedException {
    boolean up = settings.backendsUp().getAsBoolean();
    List<StreamsRun> runs = new ArrayList<>(features.runs());
    runs.addAll(labels.runs());
    runs.forEach(run -> run.setPaused(!up));
    settings.with().settling().look(app);
    features.supervise(up);
    labels.supervise(up);
    StreamsRun answering = features.activeRun();
    StreamsRun labelling = labels.activeRun();
    status =
        new Status(
            runs.stream().map(run -> run.applicationId() + ": " + run.state()).toList(),
            answering == null ? "" : answering.applicationId(),
            Optional.ofNullable(labelling).map(StreamsRun::applicationId),
            sum(runs.stream().map(StreamsRun::lag).toList()),
            features.isRolling() || labels.isRolling(),
            runs.stream()
                .flatMap(run -> Optional.ofNullable(run.lastFailure()).stream())
                .findFirst());
  }

  /** Empty where one is. */
  private static OptionalLong sum(List<OptionalLong> all) {
    return all.stream().allMatch(OptionalLong::isPresent)
        ? OptionalLong.of(all.stream().mapToLong(OptionalLong::getAsLong).sum())
        : OptionalLong.empty();
  }
}
