// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.alert;

import io.millrace.common.contract.AlertRaised;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The alerts of one policy, over all applications. An alert has one identity per subject: raising
 * it while it is open publishes nothing, so that one cause pages once, also over a restart.
 * Thread-safe.
 */
public final class Alerts {
  private static final String OPEN = "open";

  private final String policy;
  private final String severity;
  private final AlertLog log;
  private final InstantSource clock;

  /** Application → subject → open alert. */
  private final Map<String, Map<String, AlertRaised>> open = new HashMap<>();

  /**
   * @param severity {@code page}, {@code ticket} or {@code note}
   */
  public Alerts(String policy, String severity, AlertLog log, InstantSource clock) {
    this.policy = policy;
    this.severity = severity;
    this.log = log;
    this.clock = clock;
  }

  /**
   * Opens an alert unless it is open.
   *
   * @throws IllegalStateException where it cannot be published; then it is not open
   */
  public synchronized void raise(
      String app, String subject, String cause, String action, Map<String, String> evidence) {
    Map<String, AlertRaised> known = known(app);
    if (known.containsKey(subject)) {
      return;
    }
    long now = clock.millis();
    AlertRaised alert =
        new AlertRaised(
            app, policy + "/" + subject, policy, severity, cause, action, evidence, OPEN, now, now);
    log.publish(alert);
    known.put(subject, alert);
  }

  /**
   * Closes an alert where it is open.
   *
   * @throws IllegalStateException where that cannot be published; then it stays open
   */
  public synchronized void resolve(String app, String subject, String reason) {
    Map<String, AlertRaised> known = known(app);
    @Nullable AlertRaised alert = known.get(subject);
    if (alert == null) {
      return;
    }
    log.publish(
        new AlertRaised(
            app,
            alert.alertId(),
            policy,
            alert.severity(),
            alert.cause(),
            reason,
            alert.evidence(),
            "resolved",
            alert.raisedAtMs(),
            clock.millis()));
    known.remove(subject);
  }

  /** Whether an alert is open. */
  public synchronized boolean isOpen(String app, String subject) {
    return known(app).containsKey(subject);
  }

  /** Forgets an application that is gone. */
  public synchronized void forget(String app) {
    open.remove(app);
  }

  private Map<String, AlertRaised> known(String app) {
    Map<String, AlertRaised> known = open.get(app);
    if (known == null) {
      known = new HashMap<>();
      for (AlertRaised alert : log.open(app)) {
        if (alert.policy().equals(policy)) {
          known.put(alert.alertId().substring(policy.length() + 1), alert);
        }
      }
      open.put(app, known);
    }
    return known;
  }
}
