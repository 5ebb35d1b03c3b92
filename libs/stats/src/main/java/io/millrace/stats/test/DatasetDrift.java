// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Compares all columns of two profiles, with the false-alarm level corrected for their number
 * (Benjamini-Hochberg), so that a wide table does not raise more false alarms than a narrow one. A
 * column that only one side has is compared with one that is missing in every row.
 */
public final class DatasetDrift {
  /**
   * The verdicts.
   *
   * @param verdicts by column, in alphabetical order
   * @param drifted names of the drifted columns
   * @param driftedShare their share of the columns that could be judged; 0 when none could
   */
  public record Report(
      Map<String, DriftVerdict> verdicts, List<String> drifted, double driftedShare) {
    /** Copies. */
    public Report {
      verdicts = Collections.unmodifiableMap(new LinkedHashMap<>(verdicts));
      drifted = List.copyOf(drifted);
    }
  }

  private DatasetDrift() {}

  /**
   * Compares every column.
   *
   * @param falseAlarmLevel expected share of false ones among the columns called drifted
   */
  public static Report compare(
      DatasetProfile reference,
      DatasetProfile current,
      double falseAlarmLevel,
      DriftPolicy policy) {
    Map<String, ColumnProfile> before = reference.columns();
    Map<String, ColumnProfile> now = current.columns();
    SortedSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(now.keySet());
    Map<String, DriftVerdict> verdicts = new LinkedHashMap<>();
    for (String name : names) {
      ColumnProfile old = before.getOrDefault(name, absent(reference.rows()));
      ColumnProfile fresh = now.getOrDefault(name, absent(current.rows()));
      verdicts.put(name, ColumnDrift.compare(old, fresh, falseAlarmLevel, policy));
    }
    return report(verdicts, falseAlarmLevel);
  }

  private static ColumnProfile absent(long rows) {
    ColumnProfile column = new ColumnProfile();
    column.updateMissing(rows);
    return column;
  }

  private static Report report(Map<String, DriftVerdict> verdicts, double level) {
    List<Map.Entry<String, DriftVerdict>> judged =
        verdicts.entrySet().stream()
            .filter(entry -> !(entry.getValue() instanceof DriftVerdict.Inconclusive))
            .toList();
    double[] adjusted =
        BenjaminiHochberg.adjust(
            judged.stream().mapToDouble(entry -> pValue(entry.getValue())).toArray());
    Map<String, DriftVerdict> corrected = new LinkedHashMap<>(verdicts);
    List<String> drifted = new ArrayList<>();
    for (int i = 0; i < adjusted.length; i++) {
      String name = judged.get(i).getKey();
      if (judged.get(i).getValue() instanceof DriftVerdict.Drifted d) {
        if (adjusted[i] < level) {
          drifted.add(name);
          corrected.put(name, with(d, adjusted[i]));
        } else {
          corrected.put(
              name,
              new DriftVerdict.Stable(
                  d.test(),
                  d.statistic(),
                  d.threshold(),
                  adjusted[i],
                  d.effect(),
                  d.minimumEffect()));
        }
      }
    }
    double share = judged.isEmpty() ? 0 : drifted.size() / (double) judged.size();
    return new Report(corrected, drifted, share);
  }

  private static DriftVerdict with(DriftVerdict.Drifted d, double pValue) {
    return new DriftVerdict.Drifted(
        d.test(), d.statistic(), d.threshold(), pValue, d.effect(), d.minimumEffect());
  }

  private static double pValue(DriftVerdict verdict) {
    return switch (verdict) {
      case DriftVerdict.Drifted d -> d.pValue();
      case DriftVerdict.Stable s -> s.pValue();
      case DriftVerdict.Inconclusive _ -> 1;
    };
  }
}
