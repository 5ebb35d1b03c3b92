// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.AlertRaised;
import io.millrace.monitor.alert.AlertBook;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Raises and resolves alerts: each in the book, on the topic and on the timeline. */
final class AlertDesk {
  private final AlertBook book;
  private final Announcements announcements;
  private final Timeline timeline;
  private final InstantSource clock;
  private final LongSupplier streamTimeMs;

  AlertDesk(
      String app,
      Announcements announcements,
      Timeline timeline,
      InstantSource clock,
      LongSupplier streamTimeMs) {
    this.book = new AlertBook(app);
    this.announcements = announcements;
    this.timeline = timeline;
    this.clock = clock;
    this.streamTimeMs = streamTimeMs;
  }

  void restore(AlertRaised alert) {
    book.restore(alert);
    note(alert);
  }

  void raise(
      String policy,
      String subject,
      String severity,
      String cause,
      String action,
      Map<String, String> evidence) {
    book.raise(policy, subject, severity, cause, action, evidence, clock.millis())
        .ifPresent(this::tell);
  }

  void resolve(String policy, String reason) {
    book.resolve(policy, reason, clock.millis()).forEach(this::tell);
  }

  void resolve(String policy, String subject, String reason) {
    book.resolve(policy, subject, reason, clock.millis()).forEach(this::tell);
  }

  /** Resolves the alerts of a policy that were raised up to a moment of the wall clock. */
  void resolveBefore(String policy, long atMs, String reason) {
    for (AlertRaised alert : book.all()) {
      if (alert.policy().equals(policy) && alert.raisedAtMs() <= atMs) {
        book.resolve(policy, alert.alertId().substring(policy.length() + 1), reason, clock.millis())
            .forEach(this::tell);
      }
    }
  }

  boolean isOpen(String policy, String subject) {
    return book.isOpen(policy, subject);
  }

  Optional<AlertRaised> find(String policy, String subject) {
    return book.find(policy, subject);
  }

  List<AlertRaised> all() {
    return book.all();
  }

  private void tell(AlertRaised alert) {
    announcements.alert(alert);
    note(alert);
  }

  private void note(AlertRaised alert) {
    timeline.add(
        alert.updatedAtMs(),
        streamTimeMs.getAsLong(),
        "alert",
        alert.status() + " [" + alert.severity() + "] " + alert.alertId() + ": " + alert.cause());
  }
}
