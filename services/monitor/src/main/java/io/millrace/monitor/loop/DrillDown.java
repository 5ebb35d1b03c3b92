// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DriftDetected;
import io.millrace.monitor.drift.DriftFinding;
import io.millrace.monitor.drift.InputWindow;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One subject of drift, for a person who asks why: its course, when it changed, where it changed
 * most, and what else happened around then.
 *
 * @param subject what was looked at
 * @param latest the last look
 * @param onset when it began; null where nothing changed or it cannot be told
 * @param course the last looks, oldest first
 * @param shares the last window in bins beside the training rows; null where there is none
 * @param related other subjects that have drifted now, the furthest beyond their limit first; those
 *     of the same input within a slice among them
 * @param told drift verdicts of the subject
 * @param findings what the validator found in the subject's column around the onset
 * @param around what happened around the onset: model changes, verdicts, alerts
 */
public record DrillDown(
    String subject,
    DriftFinding latest,
    DriftFinding.@Nullable Onset onset,
    List<DriftFinding> course,
    InputWindow.@Nullable Shares shares,
    List<DriftFinding> related,
    List<DriftDetected> told,
    List<Found> findings,
    List<Timeline.Entry> around) {
  private static final int MOST = 20;

  public DrillDown {
    course = List.copyOf(course);
    related = List.copyOf(related);
    told = List.copyOf(told);
    findings = List.copyOf(findings);
    around = List.copyOf(around);
  }

  /** A finding of the validator, with its span. */
  public record Found(String event, String span, DataVerdict.Anomaly anomaly) {}

  static Optional<DrillDown> of(
      String subject,
      DriftDesk desk,
      InputWindow.@Nullable Shares shares,
      List<DataVerdict> verdicts,
      List<Timeline.Entry> timeline) {
    List<DriftFinding> course = desk.course(subject);
    if (course.isEmpty()) {
      return Optional.empty();
    }
    DriftFinding.Onset onset = onset(course);
    long from = onset == null ? course.getLast().windowStartMs() : onset.fromMs();
    long to = onset == null ? course.getLast().windowEndMs() : onset.toMs();
    String column = column(subject);
    return Optional.of(
        new DrillDown(
            subject,
            course.getLast(),
            onset,
            course,
            shares,
            desk.lastLooks().stream()
                .filter(each -> each.drifted() && !each.subject().equals(subject))
                .sorted(
                    Comparator.comparingDouble(
                        (DriftFinding each) -> -each.statistic() / each.threshold()))
                .limit(MOST)
                .toList(),
            desk.drifts().stream().filter(each -> each.subject().equals(subject)).toList(),
            verdicts.stream()
                .filter(each -> each.endMs() >= from && each.startMs() <= to)
                .flatMap(
                    verdict ->
                        verdict.anomalies().stream()
                            .filter(each -> column.equals(each.column()))
                            .map(each -> new Found(verdict.event(), verdict.span(), each)))
                .limit(MOST)
                .toList(),
            timeline.stream()
                .filter(each -> !each.kind().equals("drift"))
                .filter(each -> each.streamTimeMs() >= from - (to - from))
                .filter(each -> each.streamTimeMs() <= to + (to - from))
                .limit(MOST)
                .toList()));
  }

  /** The onset of the drift that lasts: that of the first look that has been drifted ever since. */
  private static DriftFinding.@Nullable Onset onset(List<DriftFinding> course) {
    DriftFinding.Onset found = null;
    for (DriftFinding look : course.reversed()) {
      if (!look.drifted()) {
        break;
      }
      found =
          look.onset() == null
              ? new DriftFinding.Onset(look.windowStartMs(), look.windowEndMs())
              : look.onset();
    }
    return found;
  }

  /** {@code event.price [event.country=de]} and {@code event.price} are about {@code price}. */
  private static String column(String subject) {
    int slice = subject.indexOf(" [");
    String input = slice < 0 ? subject : subject.substring(0, slice);
    return input.substring(input.indexOf('.') + 1);
  }
}
