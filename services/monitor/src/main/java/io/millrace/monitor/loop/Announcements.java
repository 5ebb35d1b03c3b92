// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.TrainingRequested;

/** Where the monitor's own events go. Everything told here comes back on the topic it went to. */
public interface Announcements {
  void drift(DriftDetected drift);

  void alert(AlertRaised alert);

  void training(TrainingRequested request);

  void model(ModelVersionChanged version);
}
