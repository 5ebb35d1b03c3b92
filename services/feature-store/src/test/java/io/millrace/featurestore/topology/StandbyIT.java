// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.features.view.ByteWriter;
import io.millrace.featurestore.CountedMeasures;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.RandomImpressions;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.history.Settling;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.online.OnlineRecord;
import io.millrace.featurestore.progress.ProgressBoard;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An instance that keeps standbys of the other's states takes these over without reading their
 * changelog again. Prints how much each kind of takeover read.
 */
@RequiresBackends(kafka = true)
class StandbyIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final int EVENTS = 6_000;
  private static final int STEP = 200;
  private static final int USERS = 300;

  /** The end of a changelog is a marker of its transaction, which is no record. */
  private static final long MARKERS = 5;

  @TempDir Path folder;

  /** Counts what active tasks read of their changelogs. */
  private static final class Restored implements StateRestoreListener {
    private final AtomicLong records = new AtomicLong();

    @Override
    public void onRestoreStart(TopicPartition part, String store, long from, long to) {
      // How much is known at the end.
    }

    @Override
    public void onBatchRestored(TopicPartition part, String store, long to, long count) {
      records.addAndGet(count);
    }

    @Override
    public void onRestoreEnd(TopicPartition part, String store, long total) {
      // Counted by batches.
    }
  }

  /** What all instances of one run share. */
  private final class Run {
    private final String app = Backends.uniqueName("standby");
    private final ApplicationDefinition definition = Definitions.shop(app);
    private final Generation generation = Generation.of(definition);
    private final Topics topics = new Topics(app);
    private final KafkaSettings kafka = new KafkaSettings(Backends.kafka().bootstrapServers());
    private final InMemoryStores stores = new InMemoryStores();
    private final RandomImpressions impressions = new RandomImpressions(app, USERS, kafka);
    private final List<Event> sent = impressions.sent();
    private final int standbys;

    Run(int standbys) {
      this.standbys = standbys;
      try (Admin admin = Admin.create(kafka.admin())) {
        TopicCreation.ensure(admin, topics.all(definition), LIMIT);
      }
    }

    private String id() {
      return app + "-feature-store-test";
    }

    KafkaStreams instance(String name, ProgressBoard board) {
      Collaborators with =
          new Collaborators(
              stores,
              new HistoryWriter(stores, new Lz4Packing(), Runnable::run),
              new Settling(stores),
              stores,
              new CountedMeasures(),
              board,
              new StateBudget(64 << 20),
              OpenTelemetry.noop().getTracer("test"),
              InstantSource.system());
      Properties settings = kafka.streams(id(), folder.resolve(app + name));
      settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, standbys);
      return new KafkaStreams(
          new FeatureTopology(
                  generation,
                  event -> Topics.PARTITIONS,
                  with,
                  (group, part) -> ReadProgress.UNKNOWN)
              .get(),
          settings);
    }

    /** Each user's and each item's events are applied by one of the boards' instances. */
    private boolean isApplied(ProgressBoard... boards) {
      long applied = 0;
      for (ProgressBoard board : boards) {
        applied += board.of(id()).tallies().getOrDefault("applied", 0L);
      }
      return applied >= 2L * sent.size();
    }

    private void equalsOracle() {
      for (FeatureGroup group : generation.groups()) {
        if (group.entity().equals("user")) {
          Map<String, GroupState> states = new HashMap<>();
          sent.forEach(
              event ->
                  group.apply(
                      states.computeIfAbsent(String.valueOf(event.key()), key -> group.newState()),
                      event.data(),
                      event.eventTimeMs()));
          states.forEach(
              (key, state) ->
                  assertThat(
                          stores.online.get(
                              new String(
                                  OnlineKey.of(OnlineKey.prefix(generation, group), key),
                                  StandardCharsets.UTF_8)))
                      .as(key)
                      .isEqualTo(
                          OnlineRecord.encode(
                              state.seq(),
                              state.lastEventTimeMs(),
                              group.encodeBlocks(state, new ByteWriter()))));
        }
      }
    }

    /**
     * @return records that the second instance read of changelogs when the first one left
     */
    long restoredAtTakeover() {
      ProgressBoard boardOfOne = new ProgressBoard();
      ProgressBoard boardOfTwo = new ProgressBoard();
      Restored restored = new Restored();
      try (KafkaStreams one = instance("one", boardOfOne);
          KafkaStreams two = instance("two", boardOfTwo);
          impressions) {
        one.start();
        // Not at once, so that there are many commits and the changelog is long.
        for (int from = 0; from < EVENTS; from += STEP) {
          impressions.send(STEP);
          Await.until(() -> isApplied(boardOfOne), LIMIT, () -> "one: " + boardOfOne.of(id()));
        }
        two.setGlobalStateRestoreListener(restored);
        two.start();
        impressions.send(STEP);
        Await.until(
            () -> isApplied(boardOfOne, boardOfTwo) && hasItsShare(one, two),
            LIMIT,
            () -> one.metadataForLocalThreads() + " and " + two.metadataForLocalThreads());
        restored.records.set(0);

        one.close(
            CloseOptions.timeout(LIMIT)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        impressions.send(STEP);
        Await.until(() -> isApplied(boardOfTwo), LIMIT, () -> "two: " + boardOfTwo.of(id()));
        long read = restored.records.get();
        equalsOracle();
        return read;
      }
    }

    /** Whether both work, and the second one has read all that it keeps. */
    private boolean hasItsShare(KafkaStreams one, KafkaStreams two) {
      boolean both =
          one.state() == KafkaStreams.State.RUNNING && two.state() == KafkaStreams.State.RUNNING;
      long kept =
          two.metadataForLocalThreads().stream()
              .mapToLong(thread -> thread.activeTasks().size() + thread.standbyTasks().size())
              .sum();
      long all =
          one.metadataForLocalThreads().stream()
                  .mapToLong(thread -> thread.activeTasks().size())
                  .sum()
              + two.metadataForLocalThreads().stream()
                  .mapToLong(thread -> thread.activeTasks().size())
                  .sum();
      return both
          && (standbys == 0 || kept == all)
          && two.allLocalStorePartitionLags().values().stream()
              .flatMap(lags -> lags.values().stream())
              .allMatch(lag -> lag.offsetLag() <= MARKERS);
    }
  }

  @Test
  void takeover_withAStandby_readsLittleOfTheChangelog() {
    long without = new Run(0).restoredAtTakeover();
    long with = new Run(1).restoredAtTakeover();

    System.out.printf(
        "standby: records read at a takeover: %d without a standby, %d with one%n", without, with);
    assertThat(without).isGreaterThan(USERS);
    assertThat(with).isLessThan(without / 5);
  }
}
