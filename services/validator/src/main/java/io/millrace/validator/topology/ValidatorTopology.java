// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.PatternBook;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The graph of one application: events → chunks of statistics per partition → spans → verdicts, and
 * people's decisions about schemas into the same place. The chunks pass through a repartition topic
 * with one partition, since a schema is learned from all rows of an event in one place; they are
 * few.
 */
public final class ValidatorTopology implements Supplier<Topology> {
  /** Name of the store of verdicts, {@code event/order} → JSON. */
  public static final String VERDICTS = SpanCloser.VERDICTS;

  /** Name of the store of schemas, {@code event/version} → JSON. */
  public static final String SCHEMAS = SpanCloser.SCHEMAS;

  /** Name of the store of open spans. */
  public static final String OPEN = SpanCloser.OPEN;

  private final ApplicationDefinition definition;
  private final PatternBook patterns;
  private final ValidatorMetrics metrics;
  private final VerdictTracing tracing;
  private final Timing timing;

  /**
   * @param patterns what people have decided on so far; read as rows come
   */
  public ValidatorTopology(
      ApplicationDefinition definition,
      PatternBook patterns,
      ValidatorMetrics metrics,
      VerdictTracing tracing,
      Timing timing) {
    this.definition = definition;
    this.patterns = patterns;
    this.metrics = metrics;
    this.tracing = tracing;
    this.timing = timing;
  }

  /** First key of an event in the stores of verdicts and schemas. */
  public static String firstKey(String event) {
    return SpanKeys.first(event);
  }

  /** Last key of an event in the stores of verdicts and schemas. */
  public static String lastKey(String event) {
    return SpanKeys.last(event);
  }

  /** Key of a schema version. */
  public static String schemaKey(String event, int version) {
    return SpanKeys.of(event, version);
  }

  @Override
  public Topology get() {
    String app = definition.name();
    Topics topics = new Topics(app);
    List<EventFacts> facts =
        definition.events().keySet().stream()
            .map(event -> EventFacts.of(definition, event))
            .toList();
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Profiled> profiled =
        builder.stream(
                facts.stream().map(each -> topics.events(each.event()).name()).toList(),
                Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("events"))
            .process(profilers(app, facts), Named.as("profile"));
    Topic<String, EventRejected> rejected = topics.rejected();
    profiled
        .filter((key, value) -> value instanceof Profiled.Rejected, Named.as("unreadable"))
        .mapValues(value -> ((Profiled.Rejected) value).letter(), Named.as("letter"))
        .to(
            rejected.name(),
            Produced.with(rejected.keySerde(), rejected.valueSerde()).withName("rejected"));
    Topic<String, DataVerdict> verdicts = topics.dataVerdicts();
    KStream<String, Work> decisions =
        builder.stream(
                topics.schemaDecisions().name(),
                Consumed.with(Serdes.String(), Serdes.ByteArray()).withName("decisions"))
            .flatMapValues(Work.Decision::of, Named.as("decision"));
    profiled
        .filter((key, value) -> value instanceof Chunk, Named.as("readable"))
        .mapValues(value -> (Chunk) value, Named.as("chunk"))
        .repartition(
            Repartitioned.with(Serdes.String(), Chunk.serde())
                .withName("chunks")
                .withNumberOfPartitions(1))
        .mapValues(value -> (Work) value, Named.as("rows"))
        .merge(decisions, Named.as("work"))
        .process(closers(app, facts), Named.as("close"))
        .to(
            verdicts.name(),
            Produced.with(verdicts.keySerde(), verdicts.valueSerde()).withName("verdicts-data"));
    return builder.build();
  }

  private ProcessorSupplier<byte[], byte[], String, Profiled> profilers(
      String app, List<EventFacts> facts) {
    CommitMarkers markers = new CommitMarkers();
    Set<StoreBuilder<?>> stores = new LinkedHashSet<>();
    stores.add(markers.builder());
    stores.add(
        Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(EventProfiler.STORE),
            Serdes.String(),
            Serdes.ByteArray()));
    return new ProcessorSupplier<>() {
      @Override
      public Processor<byte[], byte[], String, Profiled> get() {
        return new EventProfiler(app, facts, markers, patterns, metrics, timing.emitEvery());
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return stores;
      }
    };
  }

  private ProcessorSupplier<String, Work, String, DataVerdict> closers(
      String app, List<EventFacts> facts) {
    Set<StoreBuilder<?>> stores = new LinkedHashSet<>();
    for (String name : SpanCloser.STORES) {
      stores.add(
          Stores.keyValueStoreBuilder(
              Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.ByteArray()));
    }
    return new ProcessorSupplier<>() {
      @Override
      public Processor<String, Work, String, DataVerdict> get() {
        return new SpanCloser(app, facts, metrics, tracing, timing);
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return stores;
      }
    };
  }
}
