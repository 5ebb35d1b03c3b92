// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.topology.Collaborators;
import io.millrace.featurestore.topology.FeatureTopology;
import io.millrace.featurestore.topology.LabelTopology;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GenerationStore;
import io.millrace.featurestore.view.GenerationStore.Active;
import io.millrace.featurestore.view.GenerationStore.Kind;
import io.millrace.featurestore.view.ServingGenerations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
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
  private static final int POLL_MS = 20;
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(10);

  /**
   * Whoever takes over a killed instance's share reads no further than its open transaction until
   * that is timed out. One that lives commits at least as often as this, or waits for a backend and
   * begins again.
   */
  private static final int TRANSACTION_TIMEOUT_MS = 15_000;

  /**
   * A batch costs a request's share, a block of lz4 and a look at the broker; 16 KiB fill at once.
   */
  private static final int BATCH_BYTES = 128 * 1024;

  /**
   * While they are behind; otherwise features commit more often. Each commit writes every entity
   * that has changed to Redis, Cassandra, the local store and its changelog.
   */
  private static final int FEATURES_COMMIT_MS = 3_000;

  /** Nobody sees an answer before its commit, which sends what waits; so a batch may fill. */
  private static final int LINGER_EXACT_MS = 50;

  /** Records of a partition at hand, and of one poll: to pause and resume a partition costs. */
  private static final int BUFFERED_RECORDS = 4_000;

  private final String app;
  private final Settings settings;
  private final Rollover<Generation> features;
  private final Rollover<LabelRule> labels;
  private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile Status status =
      new Status(List.of(), "", Optional.empty(), 0, false, Optional.empty());

  /**
   * What all applications share.
   *
   * @param folder where local state lies
   * @param instance name that stays the same over restarts and differs between instances
   * @param threads stream threads of each streams application
   * @param standbys instances that keep a copy of a task's state beside the one that works on it
   * @param guarantee of features; labels are always exact
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
      ServingGenerations serving,
      BooleanSupplier backendsUp) {}

  /**
   * How it is.
   *
   * @param states streams application → state
   * @param featuresId application id of the features that answer; blank without
   * @param labelsId application id of the labels
   * @param lag records not committed yet
   * @param rolling whether a next version is catching up
   * @param failure why processing does not go on, where it does not
   */
  public record Status(
      List<String> states,
      String featuresId,
      Optional<String> labelsId,
      long lag,
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

  /** Starts with a definition. */
  public ApplicationStreams(String app, Settings settings) {
    this.app = app;
    this.settings = settings;
    this.features =
        new Rollover<>(
            Generation::hash, this::startFeatures, this::featuresActivated, this::featuresDropped);
    this.labels =
        new Rollover<>(
            LabelRule::hash, this::startLabels, this::labelsActivated, this::labelsDropped);
    thread = Thread.ofPlatform().name("streams-" + app).start(this::run);
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
        generation == null ? Set.of() : FeatureTopology.parts(generation, this::partitionsOf);
    return settings.with().settling().await(app, parts, patience, () -> isActive(generation));
  }

  private boolean isActive(@Nullable Generation generation) {
    Generation now = features.active();
    return generation != null && now != null && generation.hash().equals(now.hash());
  }

  private int partitionsOf(String event) {
    return partitions(new Topics(app).events(event).name());
  }

  public Status status() {
    return status;
  }

  private void run() {
    @Nullable Command unfinished = null;
    try {
      while (true) {
        Command command =
            unfinished != null ? unfinished : commands.poll(SUPERVISE_MS, TimeUnit.MILLISECONDS);
        unfinished = null;
        try {
          if (command instanceof Command.Stop stop) {
            stop(stop.forGood());
            return;
          }
          if (command instanceof Command.Apply apply) {
            take(apply.definition());
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

  private void stop(boolean forGood) throws InterruptedException {
    settings.with().settling().forget(app);
    if (forGood) {
      features.remove();
      labels.remove();
      settings.serving().remove(app);
      deleteLineage("");
      settings.generations().remove(app);
    } else {
      features.stop();
      labels.stop();
    }
  }

  private void take(ApplicationDefinition definition) throws InterruptedException {
    Generation generation = Generation.of(definition);
    if (!features.hasActive()) {
      Optional<Active> former = former(Kind.FEATURES, generation.hash());
      features.startActive(
          former.map(active -> Generation.of(active.definition())).orElse(generation));
    }
    features.want(generation);
    LabelRule rule = LabelRule.of(definition);
    if (rule == null) {
      labels.remove();
      return;
    }
    if (!labels.hasActive()) {
      LabelRule old =
          former(Kind.LABELS, rule.hash())
              .map(active -> LabelRule.of(active.definition()))
              .orElse(null);
      labels.startActive(old == null ? rule : old);
    }
    labels.want(rule);
  }

  /** What answered before, where that is something else. */
  private Optional<Active> former(Kind kind, String hash) {
    return settings.generations().find(app, kind).filter(active -> !active.hash().equals(hash));
  }

  private void supervise() throws InterruptedException {
    boolean up = settings.backendsUp().getAsBoolean();
    List<StreamsRun> runs = new ArrayList<>(features.runs());
    runs.addAll(labels.runs());
    runs.forEach(run -> run.setPaused(!up));
    settings.with().settling().look(app);
    features.supervise();
    labels.supervise();
    StreamsRun answering = features.activeRun();
    StreamsRun labelling = labels.activeRun();
    status =
        new Status(
            runs.stream().map(run -> run.applicationId() + ": " + run.state()).toList(),
            answering == null ? "" : answering.applicationId(),
            Optional.ofNullable(labelling).map(StreamsRun::applicationId),
            runs.stream().mapToLong(StreamsRun::lag).filter(lag -> lag < Long.MAX_VALUE).sum(),
            features.isRolling() || labels.isRolling(),
            runs.stream()
                .flatMap(run -> Optional.ofNullable(run.lastFailure()).stream())
                .findFirst());
  }

  private @Nullable StreamsRun startFeatures(Generation generation) {
    if (generation.groups().isEmpty()) {
      return null;
    }
    Set<String> events =
        generation.groups().stream().map(FeatureGroup::source).collect(Collectors.toSet());
    Topics topics = new Topics(app);
    String what = "features-" + generation.hash();
    ReadWatch reads =
        new ReadWatch(
            applicationId(what),
            generation.groups(),
            events.stream()
                .collect(Collectors.toMap(event -> event, event -> topics.events(event).name())),
            settings.guarantee(),
            settings.with().clock());
    Properties own = new Properties();
    own.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, settings.guarantee().setting());
    own.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, FEATURES_COMMIT_MS);
    own.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, BUFFERED_RECORDS);
    own.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), BUFFERED_RECORDS);
    if (settings.guarantee() == Guarantee.EXACTLY_ONCE_V2) {
      own.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), LINGER_EXACT_MS);
    }
    return start(
        what,
        own,
        topics(events),
        new FeatureTopology(generation, this::partitionsOf, settings.with(), reads).get(),
        reads);
  }

  private int partitions(String topic) {
    try {
      return settings
          .admin()
          .describeTopics(Set.of(topic))
          .allTopicNames()
          .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .values()
          .iterator()
          .next()
          .partitions()
          .size();
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot describe topic " + topic + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while describing topic " + topic, e);
    }
  }

  private StreamsRun startLabels(LabelRule rule) {
    Set<String> reported =
        rule.definition().featureViews().values().stream()
            .map(view -> view.source())
            .collect(Collectors.toSet());
    Set<String> sources = topics(rule.sources());
    DrainWatch drains = new DrainWatch(sources, System::nanoTime);
    return start(
        "labels-" + rule.hash(),
        new Properties(),
        sources,
        new LabelTopology(rule, reported, settings.with(), drains).get(),
        drains);
  }

  private Set<String> topics(Set<String> events) {
    Topics topics = new Topics(app);
    return events.stream().map(event -> topics.events(event).name()).collect(Collectors.toSet());
  }

  private String applicationId(String what) {
    return app + "-feature-store-" + what;
  }

  private StreamsRun start(
      String what,
      Properties own,
      Set<String> sources,
      org.apache.kafka.streams.Topology topology,
      OffsetWatch watch) {
    String id = applicationId(what);
    Properties config = settings.kafka().streams(id, settings.folder().resolve("streams"));
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    config.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbys());
    config.put(StreamsConfig.POLL_MS_CONFIG, POLL_MS);
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
    config.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        TRANSACTION_TIMEOUT_MS);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
    // A static member that comes back takes up its tasks without waiting for its session to end.
    config.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), settings.instance());
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, id);
    config.putAll(own);
    StreamsRun run = new StreamsRun(id, sources, topology, config, settings.admin(), watch);
    run.setPaused(!settings.backendsUp().getAsBoolean());
    run.start();
    return run;
  }

  private void featuresActivated(Generation generation) {
    settings
        .generations()
        .put(app, Kind.FEATURES, new Active(generation.hash(), generation.definition()));
    settings.serving().serve(generation);
  }

  private void featuresDropped(Generation generation) {
    settings.with().online().deleteByPrefix(OnlineKey.prefix(app, generation.hash()));
    settings.with().online().deleteByPrefix(OnlineKey.formerPrefix(app));
    deleteLineage(generation.hash());
  }

  /** What a task that has ended had under way must not come after it. */
  private void deleteLineage(String lineage) {
    settings.with().history().awaitCancelled();
    settings.history().deleteLineage(app, lineage);
  }

  private void labelsActivated(LabelRule rule) {
    settings.generations().put(app, Kind.LABELS, new Active(rule.hash(), rule.definition()));
  }

  private void labelsDropped(LabelRule rule) {
    settings.with().moments().delete(app, rule.hash());
  }
}
