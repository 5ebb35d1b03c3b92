// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.DataVerdict.Anomaly;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the anomalies of one span. */
final class Findings {
  static final String ERROR = "ERROR";
  static final String WARNING = "WARNING";

  /**
   * Beyond this the rest is only counted, so that ten thousand columns cannot make a huge verdict.
   */
  private static final int MAX_ANOMALIES = 200;

  private final List<Anomaly> anomalies = new ArrayList<>();
  private int dropped;
  private boolean bad;

  void error(
      @Nullable String column, String kind, String observed, String expected, String message) {
    bad = true;
    add(new Anomaly(column, kind, ERROR, observed, expected, message));
  }

  void warning(
      @Nullable String column, String kind, String observed, String expected, String message) {
    add(new Anomaly(column, kind, WARNING, observed, expected, message));
  }

  private void add(Anomaly anomaly) {
    if (anomalies.size() < MAX_ANOMALIES) {
      anomalies.add(anomaly);
    } else {
      dropped++;
    }
  }

  boolean bad() {
    return bad;
  }

  List<Anomaly> all() {
    if (dropped == 0) {
      return List.copyOf(anomalies);
    }
    List<Anomaly> all = new ArrayList<>(anomalies);
    all.add(
        new Anomaly(
            null,
            "MULTIPLE_REASONS",
            bad ? ERROR : WARNING,
            (MAX_ANOMALIES + dropped) + " findings",
            "",
            dropped + " more findings are left out"));
    return List.copyOf(all);
  }
}
