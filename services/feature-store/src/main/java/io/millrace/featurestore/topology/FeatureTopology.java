// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.serde.EventSerde;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * The topology of one generation of features: events are read and checked, brought to the partition
 * of each entity, and applied to the states of its group.
 */
public final class FeatureTopology implements Supplier<Topology> {
  private final Generation generation;
  private final ToIntFunction<String> partitions;
  private final Collaborators with;
  private final ReadProgress reads;
  private final Topics topics;

  /**
   * @param partitions event → partitions of its topic
   */
  public FeatureTopology(
      Generation generation,
      ToIntFunction<String> partitions,
      Collaborators with,
      ReadProgress reads) {
    this.reads = reads;
    this.partitions = partitions;
    this.generation = generation;
    this.with = with;
    this.topics = new Topics(generation.app());
  }

  @Override
  public Topology get() {
    StreamsBuilder builder = new StreamsBuilder();
    Map<String, List<FeatureGroup>> bySource =
        generation.groups().stream()
            .collect(
                Collectors.groupingBy(
                    FeatureGroup::source, LinkedHashMap::new, Collectors.toList()));
    bySource.forEach((source, groups) -> source(builder, source, groups));
    return builder.build();
  }

  /** Name of the store that has the states of a group. */
  static String stateStore(FeatureGroup group) {
    return "state-" + group.name();
  }

  /** Name of the store that has the stream time of a source. */
  static String clockStore(String source) {
    return "clock-" + source;
  }

  /** The parts, each on one instance, that hold the states of a generation: their names. */
  public static Set<String> parts(Generation generation, ToIntFunction<String> partitions) {
    Set<String> parts = new HashSet<>();
    for (FeatureGroup group : generation.groups()) {
      for (int part = 0; part < parts(group, partitions); part++) {
        parts.add(generation.part(group, part));
      }
    }
    return parts;
  }

  /** How many parts a group has. */
  static int parts(FeatureGroup group, ToIntFunction<String> partitions) {
    return group.isPrimary() ? partitions.applyAsInt(group.source()) : Topics.PARTITIONS;
  }

  private void source(StreamsBuilder builder, String source, List<FeatureGroup> groups) {
    // An event without the key of an optional entity only stays out of that entity's groups.
    Set<String> entities = generation.definition().requiredEntities(source);
    KStream<String, Outcome> outcomes =
        accept(
            builder,
            topics,
            generation.definition(),
            source,
            entities,
            EventSerde.deserializer(generation.fields(source)),
            true,
            with);
    for (FeatureGroup group : groups) {
      String store = stateStore(group);
      int parts = parts(group, partitions);
      builder.addStateStore(CommitStore.named(store));
      KStream<String, Outcome> keyed = outcomes;
      if (!group.isPrimary()) {
        keyed =
            outcomes
                .process(
                    () ->
                        new RekeyProcessor(
                            event ->
                                generation.definition().entityKey(group.entity(), event.data())),
                    Named.as("rekey-" + group.name()))
                .repartition(
                    Repartitioned.<String, byte[]>as(group.name())
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.ByteArray())
                        .withNumberOfPartitions(Topics.PARTITIONS))
                .process(
                    () ->
                        new ReadProcessor(
                            "features " + group.name(),
                            EventSerde.deserializer(generation.fields(source)),
                            with),
                    Named.as("read-" + group.name()));
      }
      KStream<String, byte[]> answers =
          keyed.process(
              () -> new GroupProcessor(generation, group, store, parts, with, reads),
              Named.as("update-" + group.name()),
              store);
      if (Answers.isNeeded(generation, group)) {
        Topic<String, byte[]> features = topics.features();
        answers.to(
            features.name(),
            Produced.with(features.keySerde(), features.valueSerde())
                .withName(GroupProcessor.answersNode(group)));
        Topic<String, EventRejected> rejected = topics.rejected();
        answers.to(
            rejected.name(),
            Produced.with(rejected.keySerde(), Serdes.ByteArray())
                .withName(GroupProcessor.lettersNode(group)));
      }
    }
  }

  /** A source of events, and its dead letters where they are this topology's to report. */
  static KStream<String, Outcome> accept(
      StreamsBuilder builder,
      Topics topics,
      io.millrace.common.definition.ApplicationDefinition definition,
      String source,
      Set<String> entities,
      Deserializer<Event> deserializer,
      boolean reportsPoison,
      Collaborators with) {
    String clock = clockStore(source);
    builder.addStateStore(CommitStore.named(clock));
    KStream<String, Outcome> outcomes =
        builder.stream(
                topics.events(source).name(),
                Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("events-" + source))
            .process(
                () ->
                    new AcceptProcessor(
                        definition, source, entities, reportsPoison, deserializer, clock, with),
                Named.as("accept-" + source),
                clock);
    if (reportsPoison) {
      Topic<String, EventRejected> rejected = topics.rejected();
      outcomes
          .filter(
              (key, outcome) -> outcome instanceof Outcome.Poison,
              Named.as(AcceptProcessor.poisonNode(source)))
          .mapValues(outcome -> ((Outcome.Poison) outcome).rejected(), Named.as("letter-" + source))
          .to(
              rejected.name(),
              Produced.with(rejected.keySerde(), rejected.valueSerde())
                  .withName("rejected-" + source));
    }
    return outcomes.filter(
        (key, outcome) -> outcome instanceof Outcome.Accepted,
        Named.as(AcceptProcessor.acceptedNode(source)));
  }
}
