// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.ValidationDefinition;
import io.millrace.common.topic.Topics;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.model.CandidateTrial;
import io.millrace.validator.skew.SkewSchedule;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Looks every few seconds whether a span is to be compared with what was served, application by
 * application, on one thread. The instance that holds an application's verdicts does it; elsewhere
 * they cannot be read, and nothing is done.
 */
final class SkewWatch implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(SkewWatch.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration PUBLISH = Duration.ofSeconds(20);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
  private static final int MOST_SPANS = 1_000;

  private final ApplicationRegistry applications;
  private final SpanArchive archive;
  private final SkewSchedule schedule;
  private final Publisher publisher;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread = Thread.ofPlatform().name("skew").unstarted(this::run);

  SkewWatch(
      ApplicationRegistry applications,
      SpanArchive archive,
      SkewSchedule schedule,
      Publisher publisher) {
    this.applications = applications;
    this.archive = archive;
    this.schedule = schedule;
    this.publisher = publisher;
  }

  private void run() {
    try {
      while (!stopped.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        for (ApplicationApplied each : applications.all()) {
          if (stopped.getCount() > 0) {
            look(each.definition());
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(ApplicationDefinition definition) {
    ValidationDefinition validation = definition.validation();
    LabelDefinition label = definition.label();
    if (validation == null || validation.skew() == null || label == null) {
      return;
    }
    String app = definition.name();
    try {
      schedule
          .compare(definition, archive.verdicts(app, label.decidedAt(), MOST_SPANS))
          .ifPresent(
              judged -> {
                publisher.publish(
                    new Topics(app).skewVerdicts(),
                    judged.event() + "/" + judged.span(),
                    judged,
                    PUBLISH);
                LOG.info(
                    "application {}: {} {} is {}: {}",
                    app,
                    judged.event(),
                    judged.span(),
                    judged.status(),
                    judged.reasons());
              });
    } catch (SpanArchive.ArchiveUnavailableException e) {
      LOG.debug("application {}: {}", app, e.getMessage());
    } catch (CandidateTrial.UnavailableException e) {
      LOG.warn("application {}: skew is looked at later: {}", app, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("application {}: skew could not be looked at", app, e);
    }
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public void stop() {
    stopped.countDown();
    try {
      if (!thread.join(CLOSE_TIMEOUT)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return thread.isAlive();
  }
}
