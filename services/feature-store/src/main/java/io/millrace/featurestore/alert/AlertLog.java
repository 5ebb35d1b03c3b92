// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.alert;

import io.millrace.common.contract.AlertRaised;
import java.util.List;

/** Where alerts are published. Thread-safe. */
public interface AlertLog {
  /**
   * The alerts of an application that are open as of now, whoever raised them.
   *
   * @throws IllegalStateException where the log does not answer
   */
  List<AlertRaised> open(String app);

  /**
   * Publishes; returns when durable.
   *
   * @throws IllegalStateException where the log does not acknowledge
   */
  void publish(AlertRaised alert);
}
