// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Set;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Hands records of one events' topic on as what {@link Acceptance} makes of them. */
final class AcceptProcessor implements Processor<byte[], byte[], String, Outcome> {
  private final String spanName;
  private final Acceptance acceptance;
  private final String clockStore;
  private final Spans spans;
  private final String accepted;
  private final @Nullable String poison;
  private final CommitPace pace;
  private @Nullable ProcessorContext<String, Outcome> context;
  private @Nullable StreamClock streamClock;

  /**
   * @param entities entities whose key every event must have
   * @param reportsPoison whether there is a {@link #poisonNode}
   * @param deserializer reads at least the fields that what follows needs
   */
  AcceptProcessor(
      ApplicationDefinition definition,
      String event,
      Set<String> entities,
      boolean reportsPoison,
      Deserializer<Event> deserializer,
      String clockStore,
      Collaborators with) {
    this.acceptance = new Acceptance(definition, event, entities, deserializer, with);
    this.accepted = acceptedNode(event);
    this.poison = reportsPoison ? poisonNode(event) : null;
    this.clockStore = clockStore;
    this.pace = new CommitPace(with.clock());
    this.spans = new Spans(with.tracer());
    this.spanName = "features " + definition.name() + "." + event;
  }

  /** Name of the node that takes events; to name it spares the other one a visit. */
  static String acceptedNode(String event) {
    return "accepted-" + event;
  }

  /** Name of the node that takes what is no event. */
  static String poisonNode(String event) {
    return "poison-" + event;
  }

  @Override
  public void init(ProcessorContext<String, Outcome> processorContext) {
    context = processorContext;
    CommitStore store = processorContext.getStateStore(clockStore);
    StreamClock own = new StreamClock(store);
    streamClock = own;
    store.beforeCommit(own::save);
    pace.start(processorContext);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (context == null || streamClock == null) {
      throw new IllegalStateException("not initialised");
    }
    ProcessorContext<String, Outcome> target = context;
    pace.record(record.timestamp());
    RecordMetadata origin =
        target
            .recordMetadata()
            .orElseThrow(() -> new IllegalStateException("a source record has an origin"));
    Outcome outcome =
        acceptance.read(
            new IncomingRecord(
                record.value(),
                record.headers(),
                record.timestamp(),
                origin.topic(),
                origin.partition(),
                origin.offset()),
            streamClock);
    switch (outcome) {
      case Outcome.Poison letter -> {
        if (poison != null) {
          target.forward(
              new Record<>(
                  letter.rejected().eventId(), letter, record.timestamp(), record.headers()),
              poison);
        }
      }
      case Outcome.Accepted event ->
          spans.around(
              spanName,
              SpanKind.CONSUMER,
              record.headers(),
              () ->
                  target.forward(
                      new Record<>(
                          Acceptance.keyOf(event.event()),
                          event,
                          record.timestamp(),
                          record.headers()),
                      accepted));
    }
  }
}
