// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.DataVerdict;
import io.millrace.stats.profile.DatasetProfile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is kept of one judged span, for readers.
 *
 * @param verdict the last that was said of it
 * @param statistics its columns; null once they are out of reach of late rows
 * @param schema the version that it was judged by; null where it was judged by none
 * @param reference the columns of the good spans before it, merged; null where there are none
 * @param referenceSpans how many those are
 * @param around the verdicts of the spans before it and of itself, oldest first
 */
public record SpanView(
    DataVerdict verdict,
    @Nullable DatasetProfile statistics,
    @Nullable SpanSchema schema,
    @Nullable DatasetProfile reference,
    int referenceSpans,
    List<DataVerdict> around) {
  public SpanView {
    around = List.copyOf(around);
  }
}
