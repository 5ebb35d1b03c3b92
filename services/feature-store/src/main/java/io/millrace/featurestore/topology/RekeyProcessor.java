// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.telemetry.TraceHeaders;
import io.opentelemetry.context.Context;
import java.util.function.Function;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Sends events on under another key, as the bytes they came in. Their headers say whether they were
 * late and which partition they came from.
 */
final class RekeyProcessor implements Processor<String, Outcome, String, byte[]> {
  static final String LATE = "millrace_late";
  static final String ORIGIN = "millrace_origin";

  private final Function<Event, @Nullable String> newKey;
  private @Nullable ProcessorContext<String, byte[]> context;

  /**
   * @param newKey null leaves the event out
   */
  RekeyProcessor(Function<Event, @Nullable String> newKey) {
    this.newKey = newKey;
  }

  @Override
  public void init(ProcessorContext<String, byte[]> processorContext) {
    context = processorContext;
  }

  @Override
  public void process(Record<String, Outcome> record) {
    if (context == null || !(record.value() instanceof Outcome.Accepted accepted)) {
      return;
    }
    String key = newKey.apply(accepted.event());
    if (key == null) {
      return;
    }
    Headers headers = new RecordHeaders(record.headers());
    TraceHeaders.inject(Context.current(), headers);
    if (accepted.late()) {
      headers.add(LATE, new byte[] {1});
    }
    int partition = context.taskId().partition();
    headers.add(ORIGIN, new byte[] {(byte) (partition >>> 8), (byte) partition});
    context.forward(new Record<>(key, accepted.raw(), record.timestamp(), headers));
  }
}
