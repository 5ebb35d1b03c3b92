// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Objects;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Reads what {@link RekeyProcessor} sent; it has been an event before, so it is one now. */
final class ReadProcessor implements Processor<String, byte[], String, Outcome> {
  private final Deserializer<Event> deserializer;
  private final Spans spans;
  private final String spanName;
  private @Nullable ProcessorContext<String, Outcome> context;

  ReadProcessor(String spanName, Deserializer<Event> deserializer, Collaborators with) {
    this.deserializer = deserializer;
    this.spanName = spanName;
    this.spans = new Spans(with.tracer());
  }

  @Override
  public void init(ProcessorContext<String, Outcome> processorContext) {
    context = processorContext;
  }

  @Override
  public void process(Record<String, byte[]> record) {
    ProcessorContext<String, Outcome> target = Objects.requireNonNull(context);
    Event event =
        Objects.requireNonNull(deserializer.deserialize("", record.headers(), record.value()));
    boolean late = record.headers().lastHeader(RekeyProcessor.LATE) != null;
    Outcome outcome = new Outcome.Accepted(event, late, record.value());
    spans.around(
        spanName,
        SpanKind.CONSUMER,
        record.headers(),
        () -> target.forward(record.withValue(outcome)));
  }
}
