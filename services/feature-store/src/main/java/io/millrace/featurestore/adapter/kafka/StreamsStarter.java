// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.topic.Topics;
import io.millrace.featurestore.adapter.kafka.ApplicationStreams.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;

/** Starts and removes the streams applications of one Millrace application. Thread-safe. */
final class StreamsStarter {
  private static final int POLL_MS = 20;
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(10);

  /**
   * Whoever takes over a killed instance's share reads no further than its open transaction until
   * that is timed out, so that this has to follow the session timeout: half as long again. One that
   * lives commits at least as often, or waits for a backend and begins again.
   */
  private static final double SESSIONS_PER_TRANSACTION = 1.5;

  /**
   * A batch costs a request's share, a block of lz4 and a look at the broker; 16 KiB fill at once.
   */
  private static final int BATCH_BYTES = 128 * 1024;

  private final String app;
  private final Settings settings;

  StreamsStarter(String app, Settings settings) {
    this.app = app;
    this.settings = settings;
  }

  /** The application id of one of them. */
  String id(String what) {
    return app + "-feature-store-" + what;
  }

  /**
   * Starts a streams application.
   *
   * @param what names it within the Millrace application
   * @param own settings that are only its own
   * @param sources topics that are read, without internal ones
   * @param watch told of the group's offsets
   * @param prelude what is to be done before; null for nothing
   */
  StreamsRun start(
      String what,
      Properties own,
      Set<String> sources,
      Topology topology,
      OffsetWatch watch,
      @Nullable Prelude prelude) {
    String id = id(what);
    Path folder = streamsFolder();
    Properties config = settings.kafka().streams(id, folder);
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    config.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbys());
    config.put(StreamsConfig.POLL_MS_CONFIG, POLL_MS);
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
    config.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        (int) (settings.kafka().sessionTimeout().toMillis() * SESSIONS_PER_TRANSACTION));
    config.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
    // A static member that comes back takes up its tasks without waiting for its session to end.
    config.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), settings.instance());
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, id);
    config.putAll(own);
    LocalState local = new LocalState(folder, id);
    local.keepOnlyOf(changelogs(id));
    StreamsRun run =
        new StreamsRun(id, sources, topology, config, settings.admin(), watch, local, prelude);
    run.setPaused(!settings.backendsUp().getAsBoolean());
    run.start();
    return run;
  }

  /** There already: of several applications that begin, Kafka Streams lets only one make it. */
  private Path streamsFolder() {
    try {
      return Files.createDirectories(settings.folder().resolve("streams"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String changelogs(String id) {
    try {
      return new InternalTopics(settings.admin(), id).changelogs();
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot list the topics of " + id + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while listing the topics of " + id, e);
    }
  }

  /**
   * Removes the local stores of versions that this instance computed once: it may have been away
   * when they were ended.
   *
   * @param kept application ids of those that it computes now
   */
  void deleteLocalBut(Set<String> kept) {
    Path folder = streamsFolder();
    Pattern own = Pattern.compile(Pattern.quote(id("")) + "(features|labels)-[0-9a-f]+");
    try (Stream<Path> all = Files.list(folder)) {
      all.map(each -> String.valueOf(each.getFileName()))
          .filter(name -> own.matcher(name).matches() && !kept.contains(name))
          .forEach(name -> new LocalState(folder, name).delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Removes what a streams application has in Kafka; no instance may compute it any more.
   *
   * @throws IllegalStateException where that cannot be done now
   */
  void remove(String what) {
    new InternalTopics(settings.admin(), id(what)).remove();
  }

  /** The topics of some events. */
  Set<String> topics(Set<String> events) {
    Topics topics = new Topics(app);
    return events.stream().map(event -> topics.events(event).name()).collect(Collectors.toSet());
  }

  /** How many partitions the topic of an event has. */
  int partitionsOf(String event) {
    String topic = new Topics(app).events(event).name();
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
}
