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

  /**
   * Which rows a finding is about.
   *
   * @param share share of the rows or values; null where none is known
   * @param examples some of the rows, as {@code partition/offset}
   */
  record Rows(@Nullable Double share, List<String> examples) {
    /** Nothing is known of them. */
    static final Rows UNKNOWN = new Rows(null, List.of());

    static Rows of(double share, List<String> examples) {
      return new Rows(share, examples);
    }
  }

  void error(
      @Nullable String column, AnomalyKind kind, String observed, String expected, String message) {
    add(true, column, kind, observed, expected, message, Rows.UNKNOWN);
  }

  void warning(
      @Nullable String column, AnomalyKind kind, String observed, String expected, String message) {
    add(false, column, kind, observed, expected, message, Rows.UNKNOWN);
  }

  void add(
      boolean error,
      @Nullable String column,
      AnomalyKind kind,
      String observed,
      String expected,
      String message,
      Rows rows) {
    bad |= error;
    if (anomalies.size() < MAX_ANOMALIES) {
      anomalies.add(
          new Anomaly(
              column,
              kind.name(),
              error ? ERROR : WARNING,
              observed,
              expected,
              message,
              rows.share(),
              rows.examples(),
              Remedies.of(kind, column)));
    } else {
      dropped++;
    }
  }

  /** Whether something of this kind was found of the span as a whole. */
  boolean told(AnomalyKind kind) {
    return anomalies.stream()
        .anyMatch(each -> each.column() == null && each.kind().equals(kind.name()));
  }

  List<Anomaly> all() {
    if (dropped == 0) {
      return List.copyOf(anomalies);
    }
    List<Anomaly> all = new ArrayList<>(anomalies);
    all.add(
        new Anomaly(
            null,
            AnomalyKind.MULTIPLE_REASONS.name(),
            bad ? ERROR : WARNING,
            (MAX_ANOMALIES + dropped) + " findings",
            "",
            dropped + " more findings are left out"));
    return List.copyOf(all);
  }
}
