// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.serde.EventSerde;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.label.LabelRule;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * The topology of one label definition. Deciding and positive events are merged before they are
 * repartitioned, so that one task reads both in the order of their acceptance.
 */
public final class LabelTopology implements Supplier<Topology> {
  private static final String STORE = "labels";

  private final LabelRule rule;
  private final Set<String> reported;
  private final Collaborators with;
  private final Upstreams upstreams;
  private final Topics topics;

  /**
   * @param reported events whose dead letters the feature topology reports already
   */
  public LabelTopology(
      LabelRule rule, Set<String> reported, Collaborators with, Upstreams upstreams) {
    this.rule = rule;
    this.reported = Set.copyOf(reported);
    this.with = with;
    this.upstreams = upstreams;
    this.topics = new Topics(rule.app());
  }

  @Override
  public Topology get() {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Outcome> merged = null;
    for (String source : rule.sources()) {
      KStream<String, Outcome> outcomes =
          FeatureTopology.accept(
              builder,
              topics,
              rule.definition(),
              source,
              Set.of(),
              new EventSerde().deserializer(),
              !reported.contains(source),
              with);
      merged = merged == null ? outcomes : merged.merge(outcomes, Named.as("merge-" + source));
    }
    if (merged == null) {
      throw new IllegalStateException("a label has a deciding event");
    }
    if (!rule.joinsByRecordKey()) {
      merged =
          merged
              .process(() -> new RekeyProcessor(rule::joinKey), Named.as("rekey"))
              .repartition(
                  Repartitioned.<String, byte[]>as("join")
                      .withKeySerde(Serdes.String())
                      .withValueSerde(Serdes.ByteArray())
                      .withNumberOfPartitions(Topics.PARTITIONS))
              .process(
                  () ->
                      new ReadProcessor(
                          "labels " + rule.app(), new EventSerde().deserializer(), with),
                  Named.as("read"));
    }
    builder.addStateStore(CommitStore.named(STORE));
    Topic<String, OutcomeLabelled> labels = topics.labels();
    merged
        .process(() -> new LabelProcessor(rule, STORE, with, upstreams), Named.as("join"), STORE)
        .to(
            labels.name(),
            Produced.with(labels.keySerde(), labels.valueSerde()).withName("labels"));
    return builder.build();
  }
}
