// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One streams application of this process. A thread that fails is replaced after a pause: what it
 * had not committed is done again. Thread-safe.
 */
final class StreamsRun {
  private static final Logger LOG = LoggerFactory.getLogger(StreamsRun.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration REPLACE_PAUSE = Duration.ofSeconds(1);
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(5);
  private static final int SETTLED_LOOKS = 4;
  private static final long SETTLED_PAUSE_MS = 150;
  private static final long MARKER_RECORDS = 1;

  private final String applicationId;
  private final Set<String> sources;
  private final KafkaStreams streams;
  private final Admin admin;
  private final OffsetWatch watch;
  private final LocalState local;
  private final InternalTopics internal;
  private final @Nullable Prelude prelude;
  private final Thread starter;
  private boolean isLocalKnown;
  private volatile @Nullable String lastFailure;
  private final Lag lag = new Lag(System::nanoTime);

  /**
   * @param sources topics that are read, without internal ones
   * @param watch told of the group's offsets
   * @param local where its stores lie
   * @param prelude what is to be done before it starts; null for nothing
   */
  StreamsRun(
      String applicationId,
      Set<String> sources,
      Topology topology,
      Properties settings,
      Admin admin,
      OffsetWatch watch,
      LocalState local,
      @Nullable Prelude prelude) {
    this.applicationId = applicationId;
    this.local = local;
    this.prelude = prelude;
    this.starter =
        Thread.ofPlatform().name("starter-" + applicationId).unstarted(this::startAfterPrelude);
    this.internal = new InternalTopics(admin, applicationId);
    this.watch = watch;
    this.sources = Set.copyOf(sources);
    this.admin = admin;
    streams = new KafkaStreams(topology, settings);
    streams.setUncaughtExceptionHandler(
        failure -> {
          LOG.error("{}: a stream thread failed and is replaced", applicationId, failure);
          lastFailure = String.valueOf(root(failure).getMessage());
          LockSupport.parkNanos(REPLACE_PAUSE.toNanos());
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    streams.setStateListener(
        (now, before) -> {
          LOG.info("{}: {} → {}", applicationId, before, now);
          if (now == KafkaStreams.State.RUNNING) {
            lastFailure = null;
          }
        });
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  String applicationId() {
    return applicationId;
  }

  /** Starts it once its prelude is done, and does not wait for that. */
  void start() {
    if (prelude == null) {
      streams.start();
    } else {
      starter.start();
    }
  }

  private void startAfterPrelude() {
    Prelude first = Objects.requireNonNull(prelude);
    while (true) {
      try {
        if (first.complete()) {
          lastFailure = null;
          streams.start();
        }
        return;
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("{}: trying again", applicationId, e);
        lastFailure = String.valueOf(root(e).getMessage());
        LockSupport.parkNanos(REPLACE_PAUSE.toNanos());
      }
    }
  }

  /** Has it not start any more where it has not yet. */
  private void endPrelude() {
    if (prelude == null) {
      return;
    }
    prelude.cancel();
    try {
      starter.join(CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (starter.isAlive()) {
      throw new IllegalStateException(applicationId + " does not end what precedes its start");
    }
  }

  /** Stops or resumes processing; the group membership stays. */
  void setPaused(boolean paused) {
    if (paused != streams.isPaused()) {
      LOG.info("{}: {}", applicationId, paused ? "paused" : "resumed");
      if (paused) {
        streams.pause();
      } else {
        streams.resume();
      }
    }
  }

  KafkaStreams.State state() {
    return streams.state();
  }

  /** Why the last thread failed, or nobody knows how far it is; null once all is well again. */
  @Nullable String lastFailure() {
    String failure = lastFailure;
    String unmeasured = lag.failure();
    return failure == null && unmeasured != null
        ? "Kafka does not say how far " + applicationId + " is: " + unmeasured
        : failure;
  }

  /** Records not committed yet; empty before the first {@link #measureLag}, or where it fails. */
  OptionalLong lag() {
    return lag.records();
  }

  /**
   * Waits until everything that is in the sources now has been committed, and what it caused in the
   * repartition topics too.
   *
   * <p>The end of a repartition topic is a transaction marker, which a group that is up to date has
   * not necessarily committed; so a partition counts as done where at most that is left and stays
   * so over several commits.
   *
   * @param patience how long nothing may be committed
   * @throws IllegalStateException where it does not go on
   */
  void awaitSettled(Duration patience) throws InterruptedException {
    awaitCommitted(sources::contains, patience);
    // Only now does what the sources caused stand in the repartition topics as a whole.
    awaitCommitted(topic -> !sources.contains(topic), patience);
  }

  /** Waits for the partitions of some topics up to where each of them ended at the first look. */
  private void awaitCommitted(Predicate<String> topics, Duration patience)
      throws InterruptedException {
    Map<TopicPartition, Long> untils = new HashMap<>();
    long deadline = System.nanoTime() + patience.toNanos();
    long least = Long.MAX_VALUE;
    int settled = 0;
    while (settled < SETTLED_LOOKS) {
      try {
        Map<TopicPartition, Long> left = left(topics, untils);
        boolean done = left.values().stream().allMatch(records -> records <= MARKER_RECORDS);
        settled = done ? settled + 1 : 0;
        long sum = left.values().stream().mapToLong(records -> Math.max(0, records)).sum();
        if (sum < least) {
          least = sum;
          deadline = System.nanoTime() + patience.toNanos();
        }
      } catch (ExecutionException | TimeoutException e) {
        LOG.debug("{}: cannot measure the lag: {}", applicationId, e.toString());
        settled = 0;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "%s is behind by %d records and has not moved for %d s"
                .formatted(applicationId, least, patience.toSeconds()));
      }
      TimeUnit.MILLISECONDS.sleep(SETTLED_PAUSE_MS);
    }
  }

  /** Records left per partition, up to where it ended at the first call with these untils. */
  private Map<TopicPartition, Long> left(Predicate<String> topics, Map<TopicPartition, Long> untils)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> committed = committed();
    Map<TopicPartition, Long> left = new HashMap<>();
    ends(committed)
        .forEach(
            (partition, end) -> {
              if (topics.test(partition.topic())) {
                long until = untils.computeIfAbsent(partition, key -> end);
                OffsetAndMetadata at = committed.get(partition);
                left.put(partition, until - (at == null ? 0 : at.offset()));
              }
            });
    return left;
  }

  private Map<TopicPartition, OffsetAndMetadata> committed()
      throws ExecutionException, TimeoutException, InterruptedException {
    return admin
        .listConsumerGroupOffsets(applicationId)
        .partitionsToOffsetAndMetadata()
        .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Map<TopicPartition, Long> ends(Map<TopicPartition, OffsetAndMetadata> committed)
      throws ExecutionException, TimeoutException, InterruptedException {
    long millis = ADMIN_TIMEOUT.toMillis();
    Set<TopicPartition> inputs = new HashSet<>(committed.keySet());
    admin
        .describeTopics(sources)
        .allTopicNames()
        .get(millis, TimeUnit.MILLISECONDS)
        .forEach(
            (topic, description) ->
                description
                    .partitions()
                    .forEach(each -> inputs.add(new TopicPartition(topic, each.partition()))));
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    inputs.forEach(partition -> asked.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin
        .listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
        .all()
        .get(millis, TimeUnit.MILLISECONDS)
        .forEach((partition, end) -> ends.put(partition, end.offset()));
    return ends;
  }

  /** Asks the broker how far the group is behind, over source and repartition topics. */
  void measureLag() throws InterruptedException {
    try {
      Map<TopicPartition, OffsetAndMetadata> committed = committed();
      Map<TopicPartition, Long> ends = ends(committed);
      watch.look(committed, ends);
      long behind = 0;
      for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
        OffsetAndMetadata at = committed.get(end.getKey());
        behind += Math.max(0, end.getValue() - (at == null ? 0 : at.offset()));
      }
      lag.measured(behind);
      if (!isLocalKnown && state() == KafkaStreams.State.RUNNING) {
        local.areOf(internal.changelogs());
        isLocalKnown = true;
      }
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("{}: cannot measure the lag: {}", applicationId, e.toString());
      lag.failed(e);
    }
  }

  /** Ends processing; what is committed stays, and the next start goes on from there. */
  void stop() {
    endPrelude();
    streams.close(CloseOptions.timeout(CLOSE_TIMEOUT));
  }

  /**
   * Ends processing on this instance for good: its membership and its local state go.
   *
   * @throws IllegalStateException where it does not end in time; to be called again
   */
  void leave() {
    endPrelude();
    boolean isClosed =
        streams.close(
            CloseOptions.timeout(CLOSE_TIMEOUT)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    if (!isClosed) {
      throw new IllegalStateException(applicationId + " does not end");
    }
    local.delete();
  }
}
