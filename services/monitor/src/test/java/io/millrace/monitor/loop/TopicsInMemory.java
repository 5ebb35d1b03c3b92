// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.TrainingRequested;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Topics that can be away, and a process that can be killed after so many announcements. */
final class TopicsInMemory implements Announcements {
  final List<DriftDetected> drifts = new ArrayList<>();
  final List<AlertRaised> alerts = new ArrayList<>();
  final List<TrainingRequested> trainings = new ArrayList<>();
  final List<ModelVersionChanged> models = new ArrayList<>();
  boolean away;
  int left = Integer.MAX_VALUE;

  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private void accept() {
    if (away) {
      throw new IllegalStateException("the broker is away");
    }
    if (left == 0) {
      throw new Killed();
    }
    left--;
  }

  @Override
  public void drift(DriftDetected drift) {
    accept();
    drifts.add(drift);
  }

  @Override
  public void alert(AlertRaised alert) {
    accept();
    alerts.add(alert);
  }

  @Override
  public void training(TrainingRequested request) {
    accept();
    trainings.add(request);
  }

  @Override
  public void model(ModelVersionChanged version) {
    accept();
    models.add(version);
  }

  List<String> open() {
    Map<String, AlertRaised> last = new TreeMap<>();
    alerts.forEach(each -> last.put(each.alertId(), each));
    return last.values().stream()
        .filter(each -> each.status().equals("open"))
        .map(each -> each.severity() + " " + each.alertId())
        .toList();
  }
}
