// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.validator.adapter.kafka.SchemaDecisions;
import io.millrace.validator.data.PatternBook;
import io.millrace.validator.topology.Timing;
import io.millrace.validator.topology.ValidatorMetrics;
import io.millrace.validator.topology.ValidatorTopology;
import io.millrace.validator.topology.VerdictTracing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.context.SmartLifecycle;

/**
 * Runs one topology per application; starts, replaces and stops it as the definition changes.
 * Changes are made one after another on a thread of their own, since the registry must not wait for
 * them. What a topology needs before it starts (its topics, what was decided) may be out of reach;
 * its start is then tried again until it succeeds, or until the definition is another, and the
 * service is not ready meanwhile.
 */
final class DataValidation implements ApplicationChangeListener, SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(DataValidation.class);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration TOPICS_TIMEOUT = Duration.ofSeconds(30);

  /** Commits are a little rarer than the chassis says: each writes the statistics in memory. */
  private static final int COMMIT_INTERVAL_MS = 250;

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);

  /** Failures of a topology's thread after which it is left stopped, and the service not ready. */
  private static final int MAX_FAILURES = 20;

  private final ApplicationRegistry applications;
  private final KafkaSettings settings;
  private final Path folder;
  private final Admin admin;
  private final SchemaDecisions decisions;
  private final PatternBook patterns;
  private final Function<String, ValidatorMetrics> metrics;
  private final VerdictTracing tracing;
  private final Map<String, KafkaStreams> running = new ConcurrentHashMap<>();

  /** Applications whose topology could not be started. */
  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  /** What should run; only the thread of changes looks. */
  private final Map<String, ApplicationDefinition> wanted = new HashMap<>();

  private final ScheduledThreadPoolExecutor changes =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("data-validation").factory());
  private volatile boolean started;

  private record Waiting(int tries, String reason) {}

  DataValidation(
      ApplicationRegistry applications,
      KafkaSettings settings,
      Path folder,
      Admin admin,
      SchemaDecisions decisions,
      PatternBook patterns,
      Function<String, ValidatorMetrics> metrics,
      VerdictTracing tracing) {
    this.applications = applications;
    this.settings = settings;
    this.folder = folder;
    this.admin = admin;
    this.decisions = decisions;
    this.patterns = patterns;
    this.metrics = metrics;
    this.tracing = tracing;
    changes.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public void applied(ApplicationApplied applied) {
    changes.execute(
        () -> {
          wanted.put(applied.app(), applied.definition());
          guarded(applied.app(), () -> end(applied.app()));
          begin(applied.definition(), FIRST_RETRY);
        });
  }

  @Override
  public void deleted(ApplicationApplied last) {
    changes.execute(
        () -> {
          wanted.remove(last.app());
          waiting.remove(last.app());
          guarded(
              last.app(),
              () -> {
                end(last.app()).ifPresent(KafkaStreams::cleanUp);
                patterns.forget(last.app());
              });
        });
  }

  private static void guarded(String app, Runnable change) {
    try {
      change.run();
    } catch (RuntimeException e) {
      LOG.error("the validation of '{}' could not be changed", app, e);
    }
  }

  private Optional<KafkaStreams> end(String app) {
    KafkaStreams streams = running.remove(app);
    if (streams != null) {
      streams.close(CLOSE_TIMEOUT);
    }
    return Optional.ofNullable(streams);
  }

  /** Starts a topology, now or, where that fails, later; not that of a definition of the past. */
  private void begin(ApplicationDefinition definition, Duration retryAfter) {
    String app = definition.name();
    if (!definition.equals(wanted.get(app)) || running.containsKey(app)) {
      return;
    }
    try {
      start(definition);
      waiting.remove(app);
    } catch (RuntimeException e) {
      String reason = String.valueOf(e.getMessage());
      Waiting before = waiting.get(app);
      if (before == null || !before.reason().equals(reason)) {
        LOG.error("the validation of '{}' cannot start; it is tried until it can", app, e);
      }
      waiting.put(app, new Waiting(before == null ? 1 : before.tries() + 1, reason));
      Duration next = retryAfter.multipliedBy(2);
      changes.schedule(
          () -> begin(definition, next.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : next),
          retryAfter.toMillis(),
          TimeUnit.MILLISECONDS);
    }
  }

  private void start(ApplicationDefinition definition) {
    String app = definition.name();
    Topics topics = new Topics(app);
    List<Topic<?, ?>> needed =
        new ArrayList<>(
            List.of(
                topics.rejected(),
                topics.dataVerdicts(),
                topics.skewVerdicts(),
                topics.schemaDecisions()));
    definition.events().keySet().forEach(event -> needed.add(topics.events(event)));
    TopicCreation.ensure(admin, needed, TOPICS_TIMEOUT);
    // Before the first row: what comes while a pattern is not known is not held against it.
    decisions.soFar(app).forEach(patterns::accept);
    Properties config = settings.streams(app + "-validator", folder);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MS);
    KafkaStreams streams =
        new KafkaStreams(
            new ValidatorTopology(definition, patterns, metrics.apply(app), tracing, Timing.DEFAULT)
                .get(),
            config);
    AtomicInteger failures = new AtomicInteger();
    streams.setUncaughtExceptionHandler(
        failure -> {
          LOG.error("the validation of '{}' failed", app, failure);
          return failures.incrementAndGet() <= MAX_FAILURES
              ? StreamThreadExceptionResponse.REPLACE_THREAD
              : StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    try {
      streams.start();
    } catch (RuntimeException e) {
      streams.close();
      throw e;
    }
    running.put(app, streams);
    LOG.info("validating the events of '{}'", app);
  }

  /** The topology of an application; null where none runs. */
  @Nullable KafkaStreams streams(String app) {
    return running.get(app);
  }

  /** Up while every topology runs or is being assigned its partitions, and none waits to start. */
  Health health() {
    Health.Builder health = Health.up();
    waiting.forEach(
        (app, each) ->
            health
                .down()
                .withDetail(
                    app,
                    "cannot start, tried %d times: %s".formatted(each.tries(), each.reason())));
    running.forEach(
        (app, streams) -> {
          KafkaStreams.State state = streams.state();
          health.withDetail(app, state.name());
          if (!state.isRunningOrRebalancing() && state != KafkaStreams.State.CREATED) {
            health.down();
          }
        });
    return health.build();
  }

  @Override
  public void start() {
    started = true;
    applications.listen(this);
  }

  @Override
  public void stop() {
    started = false;
    changes.shutdown();
    try {
      if (!changes.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("a change of a topology is still under way at the end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    running.values().forEach(streams -> streams.close(CLOSE_TIMEOUT));
  }

  @Override
  public boolean isRunning() {
    return started;
  }
}
