// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CONSUMER;
import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_PRODUCER;
import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.stack.Service;
import io.millrace.system.Kiosk.Buy;
import io.millrace.system.Kiosk.View;
import io.millrace.system.SpanReceiver.Received;
import io.millrace.testkit.backend.Backends;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One trace leads from a posted event through ingest, the features, the prediction and the label to
 * the outcome in the monitor, over HTTP, Kafka and the stateful operators of Kafka Streams: read
 * from the spans that the services export.
 */
@ExtendWith(StackExtension.class)
class TraceIT {
  private static final long SEED = 20_261_122;
  private static final int VIEWS = 1_200;
  private static final long CLOSING = Kiosk.OPENS_MS + 5 * Kiosk.HOUR_MS;
  private static final long VIEWED = Kiosk.OPENS_MS + 6 * Kiosk.HOUR_MS;

  private final String app = Backends.uniqueName("traced");
  private final SplittableRandom random = new SplittableRandom();

  @Test
  void postedEvent_predictedAndDecided_isOneTraceToItsOutcome(RunningStack stack) {
    serveAModel(stack);
    String ofView = hex(random, 32);
    String ofBuy = hex(random, 32);
    String caller = hex(random, 16);
    stack.spans().expect(ofView);
    stack.spans().expect(ofBuy);

    View view = new View("traced", VIEWED, "u1", "item1", 10);
    post(stack, "view", view.json(), ofView, caller);
    Received predicted =
        find(stack, Service.INFERENCE, ofView, "predict " + app, SPAN_KIND_CONSUMER);
    Buy buy = new Buy("bought", view.id(), VIEWED + 60_000, view.user(), view.item());
    post(stack, "buy", buy.json(), ofBuy, hex(random, 16));

    Received taken =
        find(
            stack,
            Service.INGEST,
            ofView,
            "POST /v1/applications/" + app + "/events/view",
            SPAN_KIND_SERVER);
    assertThat(taken.parentId()).isEqualTo(caller);
    Received published =
        find(stack, Service.INGEST, ofView, app + ".events.view publish", SPAN_KIND_PRODUCER);
    assertChild(published, taken);

    // By the key of its record, and by that of another entity through a repartition topic.
    Received accepted =
        find(stack, Service.FEATURE_STORE, ofView, "features " + app + ".view", SPAN_KIND_CONSUMER);
    assertChild(accepted, published);
    Received rekeyed =
        find(stack, Service.FEATURE_STORE, ofView, "features view-item", SPAN_KIND_CONSUMER);
    assertThat(acceptances(stack, ofView)).contains(rekeyed.parentId());

    assertChild(predicted, published);
    Received read =
        find(
            stack,
            Service.FEATURE_STORE,
            ofView,
            "POST /v1/applications/" + app + "/features:online",
            SPAN_KIND_SERVER);
    assertChild(read, predicted);

    // The moment waited in a state store for its outcome, whose event has a trace of its own.
    Received opened =
        find(stack, Service.FEATURE_STORE, ofView, "labels " + app, SPAN_KIND_CONSUMER);
    assertThat(acceptances(stack, ofView)).contains(opened.parentId());
    Received labelled =
        find(stack, Service.FEATURE_STORE, ofView, "label " + app, SPAN_KIND_PRODUCER);
    assertChild(labelled, opened);
    Received decided =
        find(stack, Service.FEATURE_STORE, ofBuy, "labels " + app, SPAN_KIND_CONSUMER);
    assertThat(labelled.links()).containsExactly(decided.asLink());

    Received outcome = find(stack, Service.MONITOR, ofView, "outcome " + app, SPAN_KIND_CONSUMER);
    assertChild(outcome, labelled);
    assertThat(outcome.links()).containsExactly(predicted.asLink());
  }

  /** Sends an hour of business, each request too large to be one trace, and awaits the champion. */
  private void serveAModel(RunningStack stack) {
    Kiosk kiosk = new Kiosk(SEED);
    stack.apply(app, Kiosk.definition(app, VIEWS - 100));
    try (Sender sender = new Sender(stack, app)) {
      sender.send(kiosk.hour(Kiosk.OPENS_MS, VIEWS));
      stack.awaitAccepted(app, kiosk);
      sender.send(kiosk.closers(CLOSING));
    }
    stack.awaitChampion(app);
  }

  private void post(RunningStack stack, String event, String json, String trace, String span) {
    stack
        .client()
        .json(
            Service.INGEST,
            stack
                .client()
                .request(Service.INGEST, path("/events/" + event), Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .header("traceparent", "00-" + trace + "-" + span + "-01")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  /** The first span of that name in a trace, once the service has sent it. */
  private static Received find(
      RunningStack stack, Service service, String trace, String name, SpanKind kind) {
    AtomicReference<Received> found = new AtomicReference<>();
    stack.until(
        service,
        () -> {
          stack.spans().trace(trace).stream()
              .filter(each -> each.service().equals("millrace-" + service.id()))
              .filter(each -> each.name().equals(name) && each.kind() == kind)
              .findFirst()
              .ifPresent(found::set);
          return found.get() != null;
        },
        () ->
            "no span '%s' in trace %s; there are %s"
                .formatted(name, trace, stack.spans().trace(trace)));
    return found.get();
  }

  /**
   * Spans of the reading of the view: the features and the labels read the topic for themselves.
   */
  private List<String> acceptances(RunningStack stack, String trace) {
    List<String> ids = new ArrayList<>();
    for (Received each : stack.spans().trace(trace)) {
      if (each.name().equals("features " + app + ".view")) {
        ids.add(each.spanId());
      }
    }
    return ids;
  }

  private static void assertChild(Received child, Received parent) {
    assertThat(child.parentId())
        .as("parent of %s, which must be %s", child, parent)
        .isEqualTo(parent.spanId());
  }

  private static String hex(SplittableRandom random, int digits) {
    StringBuilder text = new StringBuilder();
    while (text.length() < digits) {
      text.append("%016x".formatted(random.nextLong()));
    }
    return text.substring(0, digits);
  }
}
