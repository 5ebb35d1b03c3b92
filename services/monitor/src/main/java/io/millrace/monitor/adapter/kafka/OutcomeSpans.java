// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.adapter.kafka;

import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.monitor.performance.OutcomeJoin;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The end of an event's trace: one span for every outcome that is joined, child of the record that
 * completed it and linked to the other half. Only what is joined while the monitor is live gets
 * one: what is read again after a restart had its span before. The traces of the last {@value
 * #REMEMBERED_MAX} predictions and labels are remembered for that; an outcome that comes later has
 * a span without the link. Not thread-safe.
 */
final class OutcomeSpans {
  private static final int REMEMBERED_MAX = 20_000;

  private final String app;
  private final Tracer tracer;
  private final Map<String, SpanContext> predictions = new Remembered();
  private final Map<String, SpanContext> labels = new Remembered();
  private boolean live;

  OutcomeSpans(String app, Tracer tracer) {
    this.app = app;
    this.tracer = tracer;
  }

  /** From now on what is joined is news. */
  void live() {
    live = true;
  }

  /** A prediction was read, and joined with these. */
  void predicted(PredictionServed prediction, Headers headers, List<OutcomeJoin.Pair> joined) {
    Context context = TraceHeaders.extract(headers);
    remember(predictions, key(prediction), context);
    for (OutcomeJoin.Pair pair : joined) {
      tell(pair, context, labels.get(prediction.predictionId()));
    }
  }

  /** A label was read, and joined with these. */
  void labelled(OutcomeLabelled label, Headers headers, List<OutcomeJoin.Pair> joined) {
    Context context = TraceHeaders.extract(headers);
    remember(labels, label.predictionId(), context);
    for (OutcomeJoin.Pair pair : joined) {
      tell(pair, context, predictions.get(key(pair.prediction())));
    }
  }

  private static String key(PredictionServed prediction) {
    return prediction.modelVersion() + " " + prediction.predictionId();
  }

  private static void remember(Map<String, SpanContext> by, String key, Context context) {
    SpanContext span = Span.fromContext(context).getSpanContext();
    if (span.isSampled()) {
      by.put(key, span);
    }
  }

  private void tell(OutcomeJoin.Pair pair, Context parent, @Nullable SpanContext other) {
    if (!live || !Span.fromContext(parent).getSpanContext().isValid()) {
      return;
    }
    SpanBuilder span =
        tracer
            .spanBuilder("outcome " + app)
            .setSpanKind(SpanKind.CONSUMER)
            .setParent(parent)
            .setAttribute("millrace.prediction.id", pair.prediction().predictionId())
            .setAttribute("millrace.model.version", pair.prediction().modelVersion())
            .setAttribute("millrace.label.provenance", pair.label().provenance().name())
            .setAttribute("millrace.label.revision", pair.label().revision());
    if (other != null) {
      span.addLink(other);
    }
    span.startSpan().end();
  }

  private static final class Remembered extends LinkedHashMap<String, SpanContext> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, SpanContext> eldest) {
      return size() > REMEMBERED_MAX;
    }
  }
}
