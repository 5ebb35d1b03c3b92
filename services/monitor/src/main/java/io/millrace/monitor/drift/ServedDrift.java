// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.ReferenceProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be told of served rows without their outcomes: each column alone, within
 * slices, and together. Not thread-safe.
 */
public final class ServedDrift {
  private final InputWindow columns;
  private final SliceWindows slices;
  private final JointDrift joint;
  private final JointRows rows;
  private JointRows.@Nullable Look look;

  /**
   * @param sliceColumns columns whose values are watched apart
   */
  public ServedDrift(
      ReferenceProfile reference,
      List<String> sliceColumns,
      int windowRows,
      double falseAlarmLevel) {
    this.columns = new InputWindow(reference, windowRows, falseAlarmLevel);
    this.slices = new SliceWindows(reference, sliceColumns, windowRows, falseAlarmLevel);
    this.joint = new JointDrift(reference, windowRows, falseAlarmLevel);
    this.rows = new JointRows(reference, windowRows, falseAlarmLevel);
  }

  /**
   * Takes a served row; findings when a window is full. What takes long to find is left to {@link
   * #look}.
   */
  public List<DriftFinding> add(Map<String, Object> inputs, double score, long momentMs) {
    List<DriftFinding> findings = new ArrayList<>(columns.add(inputs, score, momentMs));
    findings.addAll(slices.add(inputs, score, momentMs));
    findings.addAll(joint.add(inputs, momentMs));
    look = rows.add(inputs, momentMs).orElse(null);
    return findings;
  }

  /**
   * The look at the rows that the last one has completed, if it has. It takes some 0.1 s and may be
   * taken by any thread, without what guards this.
   */
  public Optional<Supplier<DriftFinding>> look() {
    return Optional.ofNullable(look).map(each -> each::find);
  }

  /** The shares of the last full window beside those of training. */
  public Optional<InputWindow.Shares> shares(String subject) {
    return columns.shares(subject);
  }
}
