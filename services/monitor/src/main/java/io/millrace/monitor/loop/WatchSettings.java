// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.MonitorDefinition;
import java.util.List;

/**
 * What an application says about watching its versions, with the defaults of what it does not say.
 *
 * @param watched whether drift is looked for at all
 * @param slices columns whose values are watched apart
 * @param windowRows rows of the current window
 * @param falseAlarmLevel probability of a false alarm per window, and of one ever by the detector
 *     {@value MonitorDefinition#DEFAULT_DETECTOR}
 * @param detector name of the online detector of outcomes, or {@value
 *     MonitorDefinition#NO_DETECTOR}
 */
record WatchSettings(
    boolean watched, List<String> slices, int windowRows, double falseAlarmLevel, String detector) {
  private static final int DEFAULT_WINDOW_ROWS = 2_000;
  private static final double DEFAULT_FALSE_ALARM_LEVEL = 0.01;

  WatchSettings {
    slices = List.copyOf(slices);
  }

  static WatchSettings of(ApplicationDefinition definition) {
    MonitorDefinition monitor =
        definition.monitor() == null
            ? new MonitorDefinition(null, null, null, null, null)
            : definition.monitor();
    String window = monitor.window();
    Double level = monitor.falseAlarmLevel();
    String detector = monitor.detector();
    return new WatchSettings(
        !"off".equals(monitor.drift()),
        definition.gates() == null ? List.of() : definition.gates().slices(),
        window == null
            ? DEFAULT_WINDOW_ROWS
            : Integer.parseInt(window.replaceAll("\\s*rows$", "").trim()),
        level == null ? DEFAULT_FALSE_ALARM_LEVEL : level,
        detector == null ? MonitorDefinition.DEFAULT_DETECTOR : detector);
  }
}
