// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.kafka;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.common.topic.Topics;
import io.millrace.validator.model.CandidateTrial;
import io.millrace.validator.model.CandidateTrial.UnavailableException;
import io.millrace.validator.model.Evaluation;
import io.millrace.validator.model.EvaluationArchive;
import io.millrace.validator.model.VersionBook;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes candidates from the models topics, one at a time, and publishes what became of them. A
 * candidate that was judged already, as after a redelivery, is left alone. What cannot be done now
 * is thrown, and the record comes again.
 */
public final class Candidates {
  private static final Logger LOG = LoggerFactory.getLogger(Candidates.class);
  private static final Duration CATCH_UP = Duration.ofSeconds(20);
  private static final Duration PUBLISH = Duration.ofSeconds(20);
  private static final long PAUSE_NANOS = 50_000_000;

  private final ApplicationRegistry applications;
  private final VersionBook book;
  private final ToLongFunction<String> endOffset;
  private final CandidateTrial trial;
  private final EvaluationArchive archive;
  private final Publisher publisher;
  private final Tracer tracer;
  private final BiConsumer<String, Evaluation> meter;

  /**
   * @param endOffset topic → offset after its last record
   * @param meter told of each evaluation by application
   */
  public Candidates(
      ApplicationRegistry applications,
      VersionBook book,
      ToLongFunction<String> endOffset,
      CandidateTrial trial,
      EvaluationArchive archive,
      Publisher publisher,
      Tracer tracer,
      BiConsumer<String, Evaluation> meter) {
    this.applications = applications;
    this.book = book;
    this.endOffset = endOffset;
    this.trial = trial;
    this.archive = archive;
    this.publisher = publisher;
    this.tracer = tracer;
    this.meter = meter;
  }

  /**
   * Takes a record.
   *
   * @throws UnavailableException where it must come again
   */
  public void accept(String topic, Headers headers, ModelVersionChanged record) {
    if (record.status() != Status.CANDIDATE) {
      return;
    }
    catchUp(topic);
    Optional<ModelVersionChanged> current = book.find(record.app(), record.version());
    if (current.isPresent() && current.get().status() != Status.CANDIDATE) {
      LOG.info("version {} of '{}' is judged already", record.version(), record.app());
      return;
    }
    ApplicationApplied applied =
        applications
            .find(record.app())
            .orElseThrow(
                () ->
                    new UnavailableException(
                        "the definition of '" + record.app() + "' has not arrived", null));
    Span span =
        tracer
            .spanBuilder("evaluate candidate")
            .setSpanKind(SpanKind.CONSUMER)
            .setParent(TraceHeaders.extract(headers))
            .setAttribute("millrace.app", record.app())
            .setAttribute("millrace.model.version", record.version())
            .startSpan();
    try (Scope ignored = span.makeCurrent()) {
      Evaluation evaluation =
          trial.run(applied.definition(), record, book.champion(record.app()).orElse(null));
      archive.keep(evaluation);
      Status verdict = evaluation.blessed() ? Status.BLESSED : Status.REFUSED;
      publisher.publish(
          new Topics(record.app()).models(),
          record.version(),
          record
              .withMetrics(evaluation.figures())
              .to(verdict, evaluation.judgedAtMs(), "validator", evaluation.reasons()),
          PUBLISH);
      span.setAttribute("millrace.verdict", verdict.name());
      meter.accept(record.app(), evaluation);
      LOG.info("version {} of '{}' is {}", record.version(), record.app(), verdict);
    } catch (RuntimeException e) {
      span.setStatus(StatusCode.ERROR, String.valueOf(e.getMessage()));
      throw e;
    } finally {
      span.end();
    }
  }

  /** The champion, and whether this candidate was judged, are known only from the whole topic. */
  private void catchUp(String topic) {
    long end = endOffset.applyAsLong(topic);
    long deadline = System.nanoTime() + CATCH_UP.toNanos();
    while (!book.hasSeen(topic, end - 1)) {
      if (System.nanoTime() - deadline > 0) {
        throw new UnavailableException("the states of the models have not been read yet", null);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new UnavailableException("interrupted", null);
      }
    }
  }
}
