// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.topic.Topics;
import io.millrace.featurestore.adapter.kafka.ApplicationStreams.Settings;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.online.WholeMark;
import io.millrace.featurestore.topology.FeatureTopology;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GenerationStore.Active;
import io.millrace.featurestore.view.GenerationStore.Kind;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;

/** Generations of an application's features. */
final class FeatureVersions implements Rollover.Versions<Generation> {
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(3);

  /**
   * While they are behind, and at least once always; otherwise features commit more often. Each
   * commit writes every entity that has changed to Redis, the local store and its changelog.
   */
  private static final int FEATURES_COMMIT_MS = 3_000;

  /** Nobody sees an answer before its commit, which sends what waits; so a batch may fill. */
  private static final int LINGER_EXACT_MS = 50;

  /** Records of a partition at hand, and of one poll: to pause and resume a partition costs. */
  private static final int BUFFERED_RECORDS = 4_000;

  private final String app;
  private final Settings settings;
  private final StreamsStarter starter;

  FeatureVersions(String app, Settings settings, StreamsStarter starter) {
    this.app = app;
    this.settings = settings;
    this.starter = starter;
  }

  /** What names the streams application of a generation. */
  static String name(String hash) {
    return "features-" + hash;
  }

  @Override
  public String hash(Generation generation) {
    return generation.hash();
  }

  @Override
  public @Nullable StreamsRun start(Generation generation, boolean isNext) {
    if (generation.groups().isEmpty()) {
      return null;
    }
    Set<String> events =
        generation.groups().stream().map(FeatureGroup::source).collect(Collectors.toSet());
    Topics topics = new Topics(app);
    String name = name(generation.hash());
    ReadWatch reads =
        new ReadWatch(
            starter.id(name),
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
    } else {
      // Of a backfill that was cut off nothing may be restored.
      own.put(
          StreamsConfig.restoreConsumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG),
          "read_committed");
    }
    return starter.start(
        name,
        own,
        starter.topics(events),
        new FeatureTopology(generation, starter::partitionsOf, settings.with(), reads).get(),
        reads,
        isNext && !isEmitted(generation)
            ? new BackfillRun(generation, starter.id(name), settings, starter)
            : null);
  }

  /** Whether somebody reads its features as of each event, those of the past among them. */
  private static boolean isEmitted(Generation generation) {
    return generation.plans().stream().anyMatch(plan -> generation.isEmitted(plan.viewName()));
  }

  /** A key that is not there must be one without events, not one whose turn has not come. */
  @Override
  public boolean isServable(Generation generation) {
    try {
      return WholeMark.isWhole(settings.with().online(), generation)
          .toCompletableFuture()
          .get(READ_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while reading the online store", e);
    }
  }

  @Override
  public void activated(Generation generation, boolean isNews) {
    if (isNews) {
      settings
          .generations()
          .put(app, Kind.FEATURES, new Active(generation.hash(), generation.definition()));
    }
    settings.serving().serve(generation);
  }

  @Override
  public String answering() {
    return settings.generations().find(app, Kind.FEATURES).map(Active::hash).orElse("");
  }

  /** What a task that has ended had under way must not come after the removal. */
  @Override
  public void ended() {
    settings.with().history().awaitCancelled();
  }

  /** Removes what a generation has left. */
  void remove(String hash) {
    starter.remove(name(hash));
    settings.with().online().deleteByPrefix(OnlineKey.prefix(app, hash));
    settings.with().online().deleteByPrefix(OnlineKey.formerPrefix(app));
    settings.history().deleteLineage(app, hash);
  }
}
