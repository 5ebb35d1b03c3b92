// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.serde.EventSerde;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Computes a generation's states from what its topics hold, apart from the stream: in its stores is
 * afterwards what the stream's tasks would have in theirs at the same offsets. What a task does
 * between any two commits is done once, at the end.
 *
 * <p>The records of a partition are to be given in their order. Those of different partitions may
 * be mixed in any way: an entity that the events are not keyed by sees one of the orders that the
 * stream could have made too. Not thread-safe.
 */
public final class Backfill implements AutoCloseable {
  private final Generation generation;
  private final boolean atomic;
  private final Predicate<FeatureGroup> isInHistory;
  private final Consumer<EventRejected> letters;
  private final Function<Store, TaskStore> stores;
  private final Collaborators with;
  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final Map<Store, TaskStore> opened = new LinkedHashMap<>();
  private final List<StateBudget.Share> shares = new ArrayList<>();

  /** What is held for entities that events are not keyed by comes before what the stream holds. */
  private long heldBefore = Long.MIN_VALUE / 2;

  /**
   * A store of the topology, in one partition.
   *
   * @param name in the topology
   */
  public record Store(String name, int partition) {}

  private record Source(Acceptance acceptance, List<StreamClock> clocks, List<Group> groups) {}

  private record Group(FeatureGroup group, List<GroupStates> parts) {}

  /**
   * @param partitions event → partitions of its topic
   * @param atomic whether the stream's commits are atomic: states lie in their store accordingly
   * @param isInHistory whether the history has, or will have, all events of a group that are given
   * @param letters takes dead letters
   * @param stores makes a store, empty
   */
  public Backfill(
      Generation generation,
      ToIntFunction<String> partitions,
      boolean atomic,
      Predicate<FeatureGroup> isInHistory,
      Consumer<EventRejected> letters,
      Function<Store, TaskStore> stores,
      Collaborators with) {
    this.generation = generation;
    this.atomic = atomic;
    this.isInHistory = isInHistory;
    this.letters = letters;
    this.stores = stores;
    this.with = with;
    for (FeatureGroup group : generation.groups()) {
      sources.computeIfAbsent(group.source(), name -> source(name, partitions));
    }
  }

  private Source source(String name, ToIntFunction<String> partitions) {
    Deserializer<Event> deserializer = EventSerde.deserializer(generation.fields(name));
    List<StreamClock> clocks = new ArrayList<>();
    for (int partition = 0; partition < partitions.applyAsInt(name); partition++) {
      clocks.add(new StreamClock(open(FeatureTopology.clockStore(name), partition)));
    }
    List<Group> groups = new ArrayList<>();
    for (FeatureGroup group : generation.groups()) {
      if (group.source().equals(name)) {
        List<GroupStates> parts = new ArrayList<>();
        for (int part = 0; part < FeatureTopology.parts(group, partitions); part++) {
          parts.add(states(group, part, deserializer));
        }
        groups.add(new Group(group, parts));
      }
    }
    Acceptance acceptance =
        new Acceptance(
            generation.definition(),
            name,
            generation.definition().requiredEntities(name),
            deserializer,
            with);
    return new Source(acceptance, clocks, groups);
  }

  private TaskStore open(String name, int partition) {
    return opened.computeIfAbsent(new Store(name, partition), stores);
  }

  private GroupStates states(FeatureGroup group, int part, Deserializer<Event> deserializer) {
    TaskStore store = open(FeatureTopology.stateStore(group), part);
    StateBudget.Share share = with.budget().open();
    shares.add(share);
    // What the journal collects goes into the history from the task that takes the store over:
    // before the states are committed nothing of an order that may have to be made anew.
    Journal journal =
        isInHistory.test(group)
            ? Journal.NONE
            : new HistoryJournal(
                store,
                with.history(),
                key -> HistoryKey.of(generation.app(), group, key),
                share,
                millis -> {},
                Long.MAX_VALUE);
    return new GroupStates(
        generation,
        group,
        store,
        share,
        atomic,
        journal,
        with,
        deserializer,
        (entry, applied) -> {});
  }

  /** Takes the next record of a partition of an event's topic. */
  public void take(String event, IncomingRecord record) {
    Source source = Objects.requireNonNull(sources.get(event), event);
    Outcome outcome = source.acceptance().read(record, source.clocks().get(record.partition()));
    switch (outcome) {
      case Outcome.Poison poison -> letters.accept(poison.rejected());
      case Outcome.Accepted accepted -> {
        for (Group group : source.groups()) {
          take(group, record, accepted);
        }
      }
    }
  }

  private void take(Group group, IncomingRecord record, Outcome.Accepted accepted) {
    if (group.group().isPrimary()) {
      String key = Acceptance.keyOf(accepted.event());
      take(group.parts().get(record.partition()), key, record, accepted, record.offset());
      return;
    }
    String key = generation.definition().entityKey(group.group().entity(), accepted.event().data());
    if (key != null) {
      int part = partOf(key, Topics.PARTITIONS);
      take(group.parts().get(part), key, record, accepted, heldBefore++);
    }
  }

  private static void take(
      GroupStates states,
      String key,
      IncomingRecord record,
      Outcome.Accepted accepted,
      long offset) {
    states.take(key, record.timestampMs(), record.headers(), accepted, offset);
  }

  /** Where a producer, and so a repartition topic, has the records of a key. */
  private static int partOf(String key, int parts) {
    return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % parts;
  }

  /** Puts everything into the stores. To be called once, at the end. */
  public void store() {
    for (Source source : sources.values()) {
      source.clocks().forEach(StreamClock::save);
      source.groups().forEach(group -> group.parts().forEach(GroupStates::store));
    }
  }

  /** All stores, with what is in them after {@link #store}. */
  public Map<Store, TaskStore> stores() {
    return Map.copyOf(opened);
  }

  @Override
  public void close() {
    sources.values().stream()
        .flatMap(source -> source.groups().stream())
        .flatMap(group -> group.parts().stream())
        .forEach(GroupStates::close);
    shares.forEach(StateBudget.Share::close);
  }
}
