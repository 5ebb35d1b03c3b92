// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

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
import io.millrace.featurestore.adapter.kafka.ApplicationStreams.Settings;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.history.Settling;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.online.OnlineRecord;
import io.millrace.featurestore.progress.ProgressBoard;
import io.millrace.featurestore.topology.Collaborators;
import io.millrace.featurestore.topology.StateBudget;
import io.millrace.featurestore.version.InMemoryUses;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GenerationStore;
import io.millrace.featurestore.view.GroupState;
import io.millrace.featurestore.view.ServingGenerations;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A version that begins with a backfill, on two instances, after one that was cut off. */
@RequiresBackends(kafka = true)
class BackfillRunIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final int PAST = 3_000;
  private static final int LIVE = 500;
  private static final int USERS = 40;
  private static final List<String> INSTANCES = List.of("a", "b");

  @TempDir Path folder;

  private final String app = Backends.uniqueName("backfill");
  private final ApplicationDefinition definition = Definitions.shop(app);
  private final Generation generation = Generation.of(definition);
  private final Topics topics = new Topics(app);
  private final KafkaSettings kafka = new KafkaSettings(Backends.kafka().bootstrapServers());
  private final Admin admin = Admin.create(kafka.admin());
  private final RandomImpressions impressions = new RandomImpressions(app, USERS, kafka);
  private final List<Event> sent = impressions.sent();
  private final InMemoryUses uses = new InMemoryUses(() -> 0);
  private final Map<String, InMemoryStores> stores = new TreeMap<>();
  private final ProgressBoard board = new ProgressBoard();
  private final List<StreamsRun> runs = new ArrayList<>();
  private final String id = app + "-feature-store-" + FeatureVersions.name(generation.hash());

  /** Nothing has answered before. */
  private static final class NoFormer implements GenerationStore {
    @Override
    public Optional<Active> find(String application, Kind kind) {
      return Optional.empty();
    }

    @Override
    public void put(String application, Kind kind, Active active) {
      throw new IllegalStateException("nothing is activated here");
    }

    @Override
    public void remove(String application) {
      throw new IllegalStateException("nothing is removed here");
    }
  }

  @AfterEach
  void close() {
    runs.forEach(StreamsRun::stop);
    impressions.close();
    admin.close();
  }

  private Settings settings(String instance, Guarantee guarantee) {
    InMemoryStores own = stores.computeIfAbsent(instance, name -> new InMemoryStores());
    return new Settings(
        kafka,
        admin,
        folder.resolve(instance),
        instance,
        1,
        0,
        guarantee,
        new Collaborators(
            own,
            new HistoryWriter(own, new Lz4Packing(), Runnable::run),
            new Settling(own),
            own,
            new CountedMeasures(),
            board,
            new StateBudget(64 << 20),
            OpenTelemetry.noop().getTracer("test"),
            InstantSource.system()),
        own,
        new NoFormer(),
        uses,
        new ServingGenerations(),
        () -> true);
  }

  private StreamsRun start(String instance, Guarantee guarantee) {
    Settings settings = settings(instance, guarantee);
    uses.use(app, GenerationStore.Kind.FEATURES, generation.hash(), instance);
    StreamsRun run =
        Objects.requireNonNull(
            new FeatureVersions(app, settings, new StreamsStarter(app, settings))
                .start(generation, true));
    runs.add(run);
    return run;
  }

  /** States of nobody's making, in a transaction that nobody ends. */
  private Producer<byte[], byte[]> cutOff() throws ExecutionException, InterruptedException {
    String changelog = id + "-state-impression-user-changelog";
    admin.createTopics(List.of(new NewTopic(changelog, Topics.PARTITIONS, (short) 1))).all().get();
    Map<String, Object> config = kafka.producer();
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id + "-backfill");
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    for (int user = 0; user < 2 * USERS; user++) {
      for (int partition = 0; partition < Topics.PARTITIONS; partition++) {
        byte[] key = ("ku" + user).getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(changelog, partition, key, new byte[] {9, 9, 9}));
      }
    }
    producer.flush();
    return producer;
  }

  @ParameterizedTest
  @EnumSource(Guarantee.class)
  void complete_onTwoInstancesAfterOneThatWasCutOff_leavesWhatTheEventsGive(Guarantee guarantee)
      throws ExecutionException, InterruptedException {
    TopicCreation.ensure(admin, topics.all(definition), LIMIT);
    impressions.send(PAST);
    try (Producer<byte[], byte[]> dead = cutOff()) {
      INSTANCES.forEach(instance -> start(instance, guarantee));
      Await.until(
          () -> runs.stream().allMatch(run -> run.state() == KafkaStreams.State.RUNNING),
          LIMIT,
          () -> runs.stream().map(run -> run.state() + " " + run.lastFailure()).toList() + "");
    }
    impressions.send(LIVE);
    Await.until(
        () -> board.of(id).tallies().getOrDefault("applied", 0L) == 2L * sent.size(),
        LIMIT,
        () -> board.of(id).tallies().toString());
    FeatureGroup items = Objects.requireNonNull(generation.find("item_impressions")).group();
    // Events reach the history a while after the commit that counts them.
    Await.until(
        () -> historyOf(users()).size() == sent.size() && historyOf(items).size() == sent.size(),
        LIMIT,
        () -> historyOf(users()).size() + " and " + historyOf(items).size() + " in the history");

    equalsTheEvents(users(), Event::key);
    equalsTheEvents(items, event -> String.valueOf(event.data().get("item")));
    assertThat(folder.resolve("a/backfill").resolve(app)).doesNotExist();
  }

  private FeatureGroup users() {
    return Objects.requireNonNull(generation.find("user_impressions")).group();
  }

  /** Number of an event's state, and key → id of the event, of all instances. */
  private Map<String, String> historyOf(FeatureGroup group) {
    Map<String, String> rows = new HashMap<>();
    for (InMemoryStores each : stores.values()) {
      for (Map.Entry<HistoryKey, TreeMap<Long, HistoryRow>> of :
          List.copyOf(each.history.entrySet())) {
        if (of.getKey().entity().equals(group.entity())) {
          for (HistoryRow row : List.copyOf(of.getValue().values())) {
            rows.put(of.getKey().key() + " " + row.seq(), row.id());
          }
        }
      }
    }
    return rows;
  }

  private void equalsTheEvents(FeatureGroup group, Function<Event, String> keyOf) {
    Map<String, List<Event>> byKey = new TreeMap<>();
    sent.forEach(
        event -> byKey.computeIfAbsent(keyOf.apply(event), key -> new ArrayList<>()).add(event));
    Map<String, String> history = historyOf(group);
    Set<String> wrong = new HashSet<>();
    byKey.forEach(
        (key, events) -> {
          // Of an entity that the events are not keyed by, the history says in which order.
          Map<String, Event> byId = new HashMap<>();
          events.forEach(event -> byId.put(event.id(), event));
          GroupState state = group.newState();
          for (long seq = 1; seq <= events.size(); seq++) {
            Event event = byId.remove(history.get(key + " " + seq));
            if (event == null) {
              wrong.add(key + " " + seq);
              return;
            }
            group.apply(state, event.data(), event.eventTimeMs());
          }
          byte[] expected =
              OnlineRecord.encode(
                  state.seq(),
                  state.lastEventTimeMs(),
                  group.encodeBlocks(state, new ByteWriter()));
          String online =
              new String(
                  OnlineKey.of(OnlineKey.prefix(generation, group), key), StandardCharsets.UTF_8);
          if (stores.values().stream()
              .map(each -> each.online.get(online))
              .noneMatch(value -> Arrays.equals(value, expected))) {
            wrong.add(key);
          }
        });
    assertThat(wrong).isEmpty();
  }

  @Test
  void stop_whileAnotherInstanceIsWaitedFor_startsNothing() throws InterruptedException {
    TopicCreation.ensure(admin, topics.all(definition), LIMIT);
    impressions.send(10);
    uses.use(app, GenerationStore.Kind.FEATURES, generation.hash(), "a");
    StreamsRun waiting = start("b", Guarantee.EXACTLY_ONCE_V2);
    TimeUnit.SECONDS.sleep(2);
    assertThat(waiting.state()).isEqualTo(KafkaStreams.State.CREATED);
    waiting.leave();
    assertThat(waiting.state()).isEqualTo(KafkaStreams.State.NOT_RUNNING);
    assertThat(Files.exists(folder.resolve("b/backfill"))).isFalse();

    // The other one is gone, and what it would have done is done.
    uses.leave(app, GenerationStore.Kind.FEATURES, generation.hash(), "a");
    StreamsRun next = start("b", Guarantee.EXACTLY_ONCE_V2);
    Await.until(
        () -> next.state() == KafkaStreams.State.RUNNING, LIMIT, () -> "" + next.lastFailure());
  }
}
