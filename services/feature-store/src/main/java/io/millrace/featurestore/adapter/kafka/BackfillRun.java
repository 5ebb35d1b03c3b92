// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.contract.EventRejected;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.adapter.kafka.ApplicationStreams.Settings;
import io.millrace.featurestore.topology.Backfill;
import io.millrace.featurestore.topology.FeatureTopology;
import io.millrace.featurestore.topology.TaskStore;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GenerationStore.Active;
import io.millrace.featurestore.view.GenerationStore.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a generation of features its states before its streams application starts: reads the topics
 * with a plain consumer up to where the former generation is, and then writes the states into the
 * changelogs and those offsets into the group, in one transaction. The application restores the
 * states and goes on from there, as after any restart.
 *
 * <p>Of several instances the one with the least name does it and the others wait. Two may think so
 * of themselves for a moment; the transactional id lets only the later one commit. An instance that
 * is killed is followed by another once it counts as gone, and nothing of its work is seen.
 *
 * <p>One thread runs it; another may cancel it.
 */
final class BackfillRun implements Prelude {
  private static final Logger LOG = LoggerFactory.getLogger(BackfillRun.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration SETTLED = Duration.ofSeconds(30);

  private final Generation generation;
  private final Settings settings;
  private final StreamsStarter starter;
  private final String applicationId;
  private final Topics topics;
  private volatile boolean cancelled;

  BackfillRun(
      Generation generation, String applicationId, Settings settings, StreamsStarter starter) {
    this.generation = generation;
    this.applicationId = applicationId;
    this.settings = settings;
    this.starter = starter;
    this.topics = new Topics(generation.app());
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public boolean complete() throws InterruptedException {
    try {
      while (!cancelled) {
        if (isBegun()) {
          return true;
        }
        if (isMine()) {
          make();
        } else {
          TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
      }
      return false;
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("backfill of " + applicationId + ": " + e, e);
    }
  }

  /** Whether the group has offsets, by a backfill or because its application runs, or has run. */
  private boolean isBegun() throws ExecutionException, TimeoutException, InterruptedException {
    return !committed(applicationId).isEmpty() || hasMembers();
  }

  private boolean hasMembers() throws TimeoutException, ExecutionException, InterruptedException {
    try {
      ConsumerGroupDescription group =
          get(settings.admin().describeConsumerGroups(List.of(applicationId)).all())
              .get(applicationId);
      return group != null && !group.members().isEmpty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return false;
      }
      throw e;
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> committed(String group)
      throws ExecutionException, TimeoutException, InterruptedException {
    return get(settings.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
  }

  private static <T> T get(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether no instance that computes this generation has a lesser name. */
  private boolean isMine() throws ExecutionException, TimeoutException, InterruptedException {
    Set<String> instances =
        settings
            .uses()
            .read(generation.app(), Kind.FEATURES)
            .toCompletableFuture()
            .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
            .uses()
            .getOrDefault(generation.hash(), Set.of());
    return instances.stream().noneMatch(each -> each.compareTo(settings.instance()) < 0);
  }

  private void make() throws ExecutionException, TimeoutException, InterruptedException {
    Generation former = former();
    LocalState scratch = new LocalState(folder(), generation.app());
    scratch.delete();
    long begin = System.nanoTime();
    try (StatesTransaction transaction = new StatesTransaction(applicationId, settings)) {
      if (isBegun()) {
        return;
      }
      try (PastRecords past = new PastRecords(applicationId + "-backfill", settings.kafka());
          ScratchStores stores =
              new ScratchStores(Files.createDirectories(folder().resolve(generation.app())))) {
        addTopics(past, former);
        TaskStore letters = stores.open();
        try (Backfill backfill = backfill(former, stores, letters)) {
          long records = past.read(backfill::take, () -> cancelled);
          backfill.store();
          if (isSettled(former)) {
            transaction.commit(backfill.stores(), topics.rejected().name(), letters, past.ends());
            LOG.info(
                "{}: {} records in {} ms",
                applicationId,
                records,
                Duration.ofNanos(System.nanoTime() - begin).toMillis());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      scratch.delete();
    }
  }

  /** The one that answers; null where this code would compute another of its definition. */
  private @Nullable Generation former() {
    Active active = settings.generations().find(generation.app(), Kind.FEATURES).orElse(null);
    if (active == null) {
      return null;
    }
    Generation former = Generation.of(active.definition());
    return former.hash().equals(active.hash()) ? former : null;
  }

  private Path folder() {
    return settings.folder().resolve("backfill");
  }

  /**
   * Each topic up to where the former generation is, because all up to there is in the history and
   * what is refused is reported. Where it does not read a topic, up to the end.
   */
  private void addTopics(PastRecords past, @Nullable Generation former)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> reached =
        former == null ? Map.of() : committed(starter.id(FeatureVersions.name(former.hash())));
    for (String source : sources(generation)) {
      String topic = topics.events(source).name();
      boolean isReached = former != null && sources(former).contains(source);
      past.add(source, topic, starter.partitionsOf(source), isReached ? reached : null);
    }
  }

  private static Set<String> sources(Generation generation) {
    return generation.groups().stream().map(FeatureGroup::source).collect(Collectors.toSet());
  }

  private Backfill backfill(@Nullable Generation former, ScratchStores stores, TaskStore letters) {
    // What the former one took and this one refuses, nobody has reported.
    Set<String> reported = new HashSet<>();
    if (former != null) {
      reported.addAll(sources(former));
      reported.retainAll(sources(generation));
      reported.removeIf(source -> !generation.acceptsAs(former, source));
    }
    long[] number = {0};
    return new Backfill(
        generation,
        starter::partitionsOf,
        settings.guarantee() == Guarantee.EXACTLY_ONCE_V2,
        group -> former != null && hasSameHistory(former, group),
        rejected -> {
          if (!reported.contains(rejected.event())) {
            byte[] id = rejected.eventId().getBytes(StandardCharsets.UTF_8);
            letters.put(
                ByteBuffer.allocate(Long.BYTES + id.length).putLong(number[0]++).put(id).array(),
                letter(rejected));
          }
        },
        store -> stores.open(),
        settings.with());
  }

  /** Whether a former generation writes the history of a group, with the same numbers. */
  private static boolean hasSameHistory(Generation former, FeatureGroup group) {
    return former.groups().stream()
        .anyMatch(
            each -> each.name().equals(group.name()) && each.lineage().equals(group.lineage()));
  }

  private byte[] letter(EventRejected rejected) {
    Topic<String, EventRejected> topic = topics.rejected();
    return topic.valueSerde().serializer().serialize(topic.name(), rejected);
  }

  /** Waits until what the former generation had committed is in the history. */
  private boolean isSettled(@Nullable Generation former) throws InterruptedException {
    if (former == null) {
      return !cancelled;
    }
    while (!cancelled) {
      try {
        if (settings
            .with()
            .settling()
            .await(
                generation.app(),
                FeatureTopology.parts(former, starter::partitionsOf),
                SETTLED,
                () -> !cancelled)) {
          return true;
        }
      } catch (IllegalStateException e) {
        LOG.warn("{}: {}", applicationId, e.getMessage());
      }
    }
    return false;
  }
}
