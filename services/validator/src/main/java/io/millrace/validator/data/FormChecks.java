// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static io.millrace.validator.data.Shares.percent;

import io.millrace.common.contract.ColumnRules.TimeFormat;
import org.jspecify.annotations.Nullable;

/**
 * Do strings match their pattern, and moments their format? What a person asked for is an ERROR
 * from {@value #ASKED_SHARE} of the values on; a format that was learned is one once good spans
 * have confirmed it, from {@value #LEARNED_SHARE} on. Fewer are a WARNING.
 */
final class FormChecks {
  /** Share of values in another form from which a person's word is broken. */
  static final double ASKED_SHARE = 0.01;

  /** The same of a format that was learned. */
  static final double LEARNED_SHARE = 0.05;

  /** Share of values that another format must fit for the column to have moved to it. */
  static final double MOVED_SHARE = 0.95;

  private FormChecks() {}

  static void run(ColumnCase one) {
    pattern(one);
    time(one);
  }

  private static void pattern(ColumnCase one) {
    String pattern = one.expected().rules().pattern();
    PatternMarks marks = pattern == null || pattern.isEmpty() ? null : one.marks().pattern(pattern);
    if (marks == null || marks.broken() == 0) {
      return;
    }
    double share = (double) marks.broken() / marks.asked();
    one.tell(
        Shares.atLeast(marks.broken(), marks.asked()) > ASKED_SHARE,
        AnomalyKind.ENUM_TYPE_UNEXPECTED_STRING_VALUES,
        "%s of %d strings that were looked at (%d), such as '%s'"
            .formatted(percent(share), marks.asked(), marks.broken(), marks.example()),
        "the pattern " + pattern,
        "'" + one.name() + "' has strings that do not match its pattern",
        Findings.Rows.of(share, marks.examples()));
  }

  private static void time(ColumnCase one) {
    TimeFormat format = one.expected().timeFormat();
    TimeMarks marks = one.marks().times();
    long values = marks.values();
    if (format == null || values == 0) {
      return;
    }
    long off = values - marks.fitting(format);
    if (off == 0) {
      return;
    }
    boolean asked = one.expected().rules().timeFormat() != null;
    boolean error =
        asked
            ? Shares.atLeast(off, values) > ASKED_SHARE
            : one.confirmed() && Shares.atLeast(off, values) > LEARNED_SHARE;
    TimeFormat moved = moved(marks, format);
    double share = (double) off / values;
    one.tell(
        error,
        moved != null ? AnomalyKind.SEMANTIC_DOMAIN_UPDATE : kind(one, format),
        percent(share)
            + " of the values"
            + (moved != null ? ", which are " + moved : "")
            + ", such as '"
            + marks.misfit(format)
            + "'",
        "the format of time " + format,
        "'"
            + one.name()
            + (moved != null
                ? "' has moved to another format of time"
                : "' has values that are not in its format of time"),
        Findings.Rows.of(share, marks.misfits(format)));
  }

  /** The format that nearly all values are in, where that is another one. */
  private static @Nullable TimeFormat moved(TimeMarks marks, TimeFormat format) {
    for (TimeFormat each : TimeFormat.values()) {
      if (each != format && marks.fitting(each) >= MOVED_SHARE * marks.values()) {
        return each;
      }
    }
    return null;
  }

  private static AnomalyKind kind(ColumnCase one, TimeFormat format) {
    if (!format.isNumber() || one.column().strings() > 0) {
      return AnomalyKind.ENUM_TYPE_UNEXPECTED_STRING_VALUES;
    }
    return one.column().max() > TimeForms.last(format)
        ? AnomalyKind.INT_TYPE_BIG_INT
        : AnomalyKind.INT_TYPE_SMALL_INT;
  }
}
