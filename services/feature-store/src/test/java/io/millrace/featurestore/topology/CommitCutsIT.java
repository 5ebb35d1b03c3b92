// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.features.view.ByteWriter;
import io.millrace.featurestore.CountedMeasures;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.HistoryRun;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.history.Settling;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.online.OnlineRecord;
import io.millrace.featurestore.online.OnlineStore;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * Processing is cut off between any two steps of a commit, on a real broker: what it had not
 * committed is done again. Exactly once, everything is afterwards as if nothing had happened. At
 * least once, no event is missing from any state, answer or history, and some may be there twice.
 * The cases run beside each other, as they mostly wait for commits.
 */
@RequiresBackends(kafka = true)
@Execution(ExecutionMode.CONCURRENT)
class CommitCutsIT {
  private static final int EVENTS = 3_000;
  private static final int USERS = 40;
  private static final long AHEAD_MS = Duration.ofMinutes(20).toMillis();
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TempDir Path folder;

  /** Where the stream thread ends. */
  enum Cut {
    NEVER,
    BEFORE_ONLINE_WRITE,
    AFTER_ONLINE_WRITE,
    BEFORE_HISTORY_WRITE,
    AFTER_HISTORY_WRITE,
    BEFORE_STATE_WRITE,
    BEFORE_OFFSETS,
    BEFORE_COMMIT
  }

  /** The chosen cut happens at its second and fifth opportunity. */
  private static final class Scissors {
    private final Cut chosen;
    private final AtomicInteger opportunities = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();

    Scissors(Cut chosen) {
      this.chosen = chosen;
    }

    void at(Cut place) {
      if (place == chosen && List.of(2, 5).contains(opportunities.incrementAndGet())) {
        cuts.incrementAndGet();
        throw new IllegalStateException("cut " + place);
      }
    }
  }

  private static final class CutStores implements OnlineStore, HistoryStore {
    private final InMemoryStores stores = new InMemoryStores();
    private final Scissors scissors;

    CutStores(Scissors scissors) {
      this.scissors = scissors;
    }

    @Override
    public synchronized CompletionStage<Void> write(List<Put> puts) {
      scissors.at(Cut.BEFORE_ONLINE_WRITE);
      CompletionStage<Void> done = stores.write(puts);
      scissors.at(Cut.AFTER_ONLINE_WRITE);
      return done;
    }

    /** Writes at once, on the stream thread. */
    HistoryWriter writer() {
      return new HistoryWriter(
          this,
          new Lz4Packing(),
          task -> {
            scissors.at(Cut.BEFORE_HISTORY_WRITE);
            task.run();
            scissors.at(Cut.AFTER_HISTORY_WRITE);
          });
    }

    synchronized int rows() {
      return stores.history.values().stream().mapToInt(TreeMap::size).sum();
    }

    @Override
    public synchronized CompletionStage<Void> append(HistoryKey key, HistoryRun run) {
      return stores.append(key, run);
    }

    @Override
    public synchronized CompletionStage<Void> appendLate(HistoryKey key, HistoryRow row) {
      return stores.appendLate(key, row);
    }

    @Override
    public CompletionStage<List<byte @Nullable []>> read(List<byte[]> keys) {
      return stores.read(keys);
    }

    @Override
    public void deleteByPrefix(String prefix) {
      stores.deleteByPrefix(prefix);
    }

    @Override
    public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
      stores.read(key, afterSeq, reader);
    }

    @Override
    public List<String> someKeys(HistoryKey like, int max) {
      return stores.someKeys(like, max);
    }

    @Override
    public void deleteLineage(String app, String lineage) {
      stores.deleteLineage(app, lineage);
    }

    @Override
    public void deleteAll(String app) {
      stores.deleteAll(app);
    }
  }

  /** Clients that end their thread in the middle of a commit. */
  private static final class CutClients extends DefaultKafkaClientSupplier {
    private final Scissors scissors;

    CutClients(Scissors scissors) {
      this.scissors = scissors;
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
      return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()) {
        @Override
        public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
          scissors.at(Cut.BEFORE_COMMIT);
          super.commitSync(offsets);
        }
      };
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
      return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()) {
        @Override
        public void sendOffsetsToTransaction(
            Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
          scissors.at(Cut.BEFORE_OFFSETS);
          super.sendOffsetsToTransaction(offsets, group);
        }

        @Override
        public void commitTransaction() {
          scissors.at(Cut.BEFORE_COMMIT);
          super.commitTransaction();
        }
      };
    }
  }

  /** An application that comes back whenever it was cut off. */
  private static final class Restarting implements AutoCloseable {
    private final Supplier<KafkaStreams> made;
    private KafkaStreams current;

    Restarting(Supplier<KafkaStreams> made) {
      this.made = made;
      this.current = start();
    }

    private KafkaStreams start() {
      KafkaStreams streams = made.get();
      streams.setUncaughtExceptionHandler(failure -> StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
      streams.start();
      return streams;
    }

    void restartWhereItEnded() {
      if (current.state() == KafkaStreams.State.ERROR) {
        current.close(LIMIT);
        current = start();
      }
    }

    @Override
    public void close() {
      current.close(LIMIT);
    }
  }

  private List<Event> events(String app) {
    Random random = new Random(11);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      long known = Definitions.T0 + i * 2_000L;
      long time = known - (i % 7 == 0 ? random.nextInt(300_000) : 0);
      if (isAhead(i)) {
        time += AHEAD_MS;
      }
      Event event =
          Definitions.impression(
              app,
              "i" + i,
              "u" + random.nextInt(USERS),
              "item" + random.nextInt(9),
              time,
              random.nextInt(10_000) / 100.0);
      events.add(new Event(app, event.name(), event.id(), event.key(), time, known, event.data()));
    }
    return events;
  }

  /** Some are; for what is held at the end, nothing would show that its time has come. */
  private static boolean isAhead(int event) {
    return event % 25 == 3 && event < EVENTS - 800;
  }

  /** The events of a user as they count: one dated ahead before the first known after its time. */
  private static List<String> inOrder(List<Event> some, List<Event> all) {
    Set<String> ids = some.stream().map(Event::id).collect(Collectors.toSet());
    int partition = partitionOf(some.getFirst());
    List<String> order = new ArrayList<>();
    List<Event> held = new ArrayList<>();
    for (Event event : all) {
      if (partitionOf(event) != partition) {
        continue;
      }
      held.sort(Comparator.comparingLong(Event::eventTimeMs));
      while (!held.isEmpty() && held.getFirst().eventTimeMs() <= event.knownAtMs()) {
        order.add(held.removeFirst().id());
      }
      if (event.eventTimeMs() > event.knownAtMs()) {
        held.add(event);
      } else {
        order.add(event.id());
      }
    }
    assertThat(held).isEmpty();
    order.retainAll(ids);
    return order;
  }

  private static int partitionOf(Event event) {
    return BuiltInPartitioner.partitionForKey(
        Objects.requireNonNull(event.key()).getBytes(StandardCharsets.UTF_8), Topics.PARTITIONS);
  }

  @ParameterizedTest
  @EnumSource
  void cut_exactlyOnce_leavesNoTrace(Cut cut) throws InterruptedException {
    run(cut, true);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BEFORE_OFFSETS")
  void cut_atLeastOnce_losesNoEvent(Cut cut) throws InterruptedException {
    run(cut, false);
  }

  private void run(Cut cut, boolean exactlyOnce) throws InterruptedException {
    String app = Backends.uniqueName("cuts");
    ApplicationDefinition definition =
        Definitions.emitting(Definitions.shop(app), "user_impressions");
    Generation generation = Generation.of(definition);
    Topics topics = new Topics(app);
    KafkaSettings kafka = new KafkaSettings(Backends.kafka().bootstrapServers());
    List<Event> events = events(app);
    try (Admin admin = Admin.create(kafka.admin())) {
      TopicCreation.ensure(admin, topics.all(definition), LIMIT);
    }
    Scissors scissors = new Scissors(cut);
    CutStores stores = new CutStores(scissors);
    Settling settling = new Settling(stores.stores);
    ProgressBoard board = new ProgressBoard();
    CountedMeasures measures =
        new CountedMeasures() {
          @Override
          public void applied(String of, String group, long count) {
            scissors.at(Cut.BEFORE_STATE_WRITE);
          }
        };
    Collaborators with =
        new Collaborators(
            stores,
            stores.writer(),
            settling,
            stores.stores,
            measures,
            board,
            new StateBudget(64 << 20),
            OpenTelemetry.noop().getTracer("test"),
            InstantSource.system());
    String id = app + "-feature-store-cut";
    Properties settings = kafka.streams(id, folder);
    settings.put(
        StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
        exactlyOnce ? StreamsConfig.EXACTLY_ONCE_V2 : StreamsConfig.AT_LEAST_ONCE);
    // As in production: who comes back takes up its tasks without waiting for its session to end.
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "one");
    try (Restarting streams =
            new Restarting(
                () ->
                    new KafkaStreams(
                        new FeatureTopology(
                                generation,
                                event -> Topics.PARTITIONS,
                                with,
                                (group, part) -> ReadProgress.UNKNOWN)
                            .get(),
                        settings,
                        new CutClients(scissors)));
        Producer<byte[], byte[]> producer =
            new KafkaProducer<>(
                kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
      // Not at once, so that there are commits to be cut.
      for (int from = 0; from < events.size(); from += 250) {
        events
            .subList(from, from + 250)
            .forEach(event -> send(producer, topics.events(event.name()), event));
        producer.flush();
        int sent = from + 250;
        Await.until(
            () -> {
              streams.restartWhereItEnded();
              Map<String, Long> tallies = board.of(id).tallies();
              return tallies.getOrDefault("applied", 0L) + tallies.getOrDefault("held", 0L)
                  >= 2L * sent;
            },
            LIMIT,
            () -> sent + " sent: " + board.of(id));
      }
      if (exactlyOnce) {
        assertThat(board.of(id).tallies())
            .containsEntry("applied", 2L * EVENTS)
            .containsEntry("held", 0L);
      } else {
        Await.until(
            () -> {
              streams.restartWhereItEnded();
              return isAllCommitted(kafka, id);
            },
            LIMIT,
            () -> "not everything is committed: " + board.of(id));
      }
      // Each part of what reads impressions and clicks says that its events are in the history.
      Set<String> parts = FeatureTopology.parts(generation, event -> Topics.PARTITIONS);
      stores.stores.request(app, "all");
      Await.until(
          () -> {
            streams.restartWhereItEnded();
            settling.look(app);
            return Objects.requireNonNull(stores.stores.settling.get("all")).containsAll(parts);
          },
          LIMIT,
          () -> stores.stores.settling + " of " + parts);
      assertThat(stores.rows() - 2 * EVENTS)
          .as("events that the history has more than once")
          .satisfies(more -> assertThat(exactlyOnce ? more == 0 : more >= 0).isTrue());
    }

    assertThat(scissors.cuts.get()).isEqualTo(cut == Cut.NEVER ? 0 : 2);
    assertThat(stores.stores.late).isEmpty();
    boolean once = exactlyOnce || cut == Cut.NEVER;
    equalsOracle(generation, events, stores.stores, once);
    answersEachEvent(kafka, topics, events, once);
  }

  /** Whether the group has committed all that its topics have. */
  private static boolean isAllCommitted(KafkaSettings kafka, String group) {
    try (Admin admin = Admin.create(kafka.admin())) {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
      committed.keySet().forEach(partition -> asked.put(partition, OffsetSpec.latest()));
      return admin.listOffsets(asked).all().get().entrySet().stream()
          .allMatch(
              end ->
                  Objects.requireNonNull(committed.get(end.getKey())).offset()
                      >= end.getValue().offset());
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void send(
      Producer<byte[], byte[]> producer, Topic<String, Event> topic, Event event) {
    RecordHeaders headers = new RecordHeaders();
    byte[] value = topic.valueSerde().serializer().serialize(topic.name(), headers, event);
    byte[] key = Objects.requireNonNull(event.key()).getBytes(StandardCharsets.UTF_8);
    producer.send(new ProducerRecord<>(topic.name(), null, null, key, value, headers));
  }

  /**
   * The history has the events of each key, and what is served is what they give.
   *
   * @param once whether it has none of them twice
   */
  private static void equalsOracle(
      Generation generation, List<Event> events, InMemoryStores stores, boolean once) {
    for (FeatureGroup group : generation.groups()) {
      if (!group.source().equals("impression")) {
        continue;
      }
      boolean ofUsers = group.entity().equals("user");
      Map<String, List<Event>> byKey = new TreeMap<>();
      events.forEach(
          event ->
              byKey
                  .computeIfAbsent(
                      String.valueOf(event.data().get(group.entity())), key -> new ArrayList<>())
                  .add(event));
      byKey.forEach(
          (key, some) -> {
            TreeMap<Long, HistoryRow> rows =
                Objects.requireNonNull(
                    stores.history.get(HistoryKey.of(generation.app(), group, key)));
            List<String> ids = rows.values().stream().map(HistoryRow::id).toList();
            List<String> expected = some.stream().map(Event::id).toList();
            assertThat(Set.copyOf(ids)).as(key).isEqualTo(Set.copyOf(expected));
            assertThat(ids).as(key).hasSizeGreaterThanOrEqualTo(expected.size());
            if (once) {
              assertThat(ids).as(key).hasSameSizeAs(expected);
            }
            // An item's events come from several partitions; their order is the history's.
            Map<String, Event> byId = new HashMap<>();
            some.forEach(event -> byId.put(event.id(), event));
            GroupState state = group.newState();
            rows.forEach(
                (seq, row) -> {
                  Event event = Objects.requireNonNull(byId.get(row.id()));
                  group.apply(state, event.data(), event.eventTimeMs());
                  assertThat(state.seq()).isEqualTo(seq);
                });
            if (ofUsers && once) {
              assertThat(ids).isEqualTo(inOrder(some, events));
            }
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
                        group.encodeBlocks(state, new ByteWriter())));
          });
    }
  }

  private static void answersEachEvent(
      KafkaSettings kafka, Topics topics, List<Event> events, boolean once) {
    Map<String, Long> versions = new HashMap<>();
    Map<String, Integer> answers = new HashMap<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer(topics.features().name() + "-oracle"),
            topics.features().keySerde().deserializer(),
            topics.features().valueSerde().deserializer())) {
      consumer.subscribe(List.of(topics.features().name()));
      Await.until(
          () -> {
            for (ConsumerRecord<String, byte[]> each : consumer.poll(Duration.ofMillis(200))) {
              String id =
                  new String(each.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8);
              answers.merge(id, 1, Integer::sum);
              JsonNode body = Json.mapper().readTree(each.value());
              long before = versions.getOrDefault(each.key(), 0L);
              long version = body.get("version").asLong();
              if (once) {
                assertThat(version).as(each.key()).isEqualTo(before + 1);
              }
              versions.put(each.key(), version);
            }
            return answers.size() == events.size();
          },
          LIMIT,
          () -> answers.size() + " answers to " + events.size() + " events");
    }
    assertThat(answers.values())
        .allSatisfy(times -> assertThat(once ? times == 1 : times >= 1).isTrue());
  }
}
