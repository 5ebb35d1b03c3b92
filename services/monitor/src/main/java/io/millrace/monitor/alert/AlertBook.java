// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.alert;

import io.millrace.common.contract.AlertRaised;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The alerts of one application. An alert has one identity per policy and subject: raising it again
 * while it is open gives nothing new, so that one cause pages once. Not thread-safe.
 */
public final class AlertBook {
  /** Most alerts remembered; the oldest resolved ones go first. */
  private static final int ALERTS_MAX = 1_000;

  private static final String OPEN = "open";

  private final String app;
  private final Map<String, AlertRaised> alerts = new LinkedHashMap<>();

  public AlertBook(String app) {
    this.app = app;
  }

  /** Takes an alert that was published before. */
  public void restore(AlertRaised alert) {
    alerts.put(alert.alertId(), alert);
  }

  /**
   * Opens an alert.
   *
   * @return what to publish; empty where it is open already
   */
  public Optional<AlertRaised> raise(
      String policy,
      String subject,
      String severity,
      String cause,
      String action,
      Map<String, String> evidence,
      long nowMs) {
    String id = policy + "/" + subject;
    AlertRaised before = alerts.get(id);
    if (before != null && before.status().equals(OPEN)) {
      return Optional.empty();
    }
    AlertRaised alert =
        new AlertRaised(app, id, policy, severity, cause, action, evidence, OPEN, nowMs, nowMs);
    alerts.remove(id);
    alerts.put(id, alert);
    trim();
    return Optional.of(alert);
  }

  /** Closes the open alerts of a policy, with the reason. */
  public List<AlertRaised> resolve(String policy, String reason, long nowMs) {
    return close(alert -> alert.policy().equals(policy), reason, nowMs);
  }

  /** Closes the alert of a policy and subject where it is open, with the reason. */
  public List<AlertRaised> resolve(String policy, String subject, String reason, long nowMs) {
    return close(alert -> alert.alertId().equals(policy + "/" + subject), reason, nowMs);
  }

  private List<AlertRaised> close(Predicate<AlertRaised> which, String reason, long nowMs) {
    List<AlertRaised> resolved = new ArrayList<>();
    for (AlertRaised alert : List.copyOf(alerts.values())) {
      if (alert.status().equals(OPEN) && which.test(alert)) {
        AlertRaised closed =
            new AlertRaised(
                app,
                alert.alertId(),
                alert.policy(),
                alert.severity(),
                alert.cause(),
                reason,
                alert.evidence(),
                "resolved",
                alert.raisedAtMs(),
                nowMs);
        alerts.put(alert.alertId(), closed);
        resolved.add(closed);
      }
    }
    return resolved;
  }

  /** Whether an alert is open. */
  public boolean isOpen(String policy, String subject) {
    AlertRaised alert = alerts.get(policy + "/" + subject);
    return alert != null && alert.status().equals(OPEN);
  }

  /** The last alert of a policy and subject, whatever became of it. */
  public Optional<AlertRaised> find(String policy, String subject) {
    return Optional.ofNullable(alerts.get(policy + "/" + subject));
  }

  /** Open ones first, newest first. */
  public List<AlertRaised> all() {
    return alerts.values().stream()
        .sorted(
            Comparator.comparing((AlertRaised alert) -> !alert.status().equals(OPEN))
                .thenComparing(Comparator.comparingLong(AlertRaised::raisedAtMs).reversed()))
        .toList();
  }

  private void trim() {
    if (alerts.size() > ALERTS_MAX) {
      alerts.values().stream()
          .filter(alert -> !alert.status().equals(OPEN))
          .findFirst()
          .ifPresent(alert -> alerts.remove(alert.alertId()));
    }
  }
}
