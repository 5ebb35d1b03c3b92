// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import io.millrace.common.contract.LatestBySpan;
import io.millrace.common.contract.SkewJudged;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The latest verdict on skew of every span, the last {@value #KEPT} of them. Thread-safe. */
public final class SkewBook {
  private static final int KEPT = 2_000;

  private final Map<String, LatestBySpan<SkewJudged>> byApp = new HashMap<>();

  /** Takes a verdict; it replaces an earlier one of its event and span. */
  public synchronized void accept(SkewJudged judged) {
    byApp.computeIfAbsent(judged.app(), app -> new LatestBySpan<>(KEPT)).take(judged);
  }

  /** The verdict on a span, if its predictions were compared. */
  public synchronized Optional<SkewJudged> find(String app, String event, String span) {
    return Optional.ofNullable(byApp.get(app)).flatMap(spans -> spans.find(event, span));
  }

  /** All of an application, in the order in which they came. */
  public synchronized List<SkewJudged> of(String app) {
    LatestBySpan<SkewJudged> spans = byApp.get(app);
    return spans == null ? List.of() : List.copyOf(spans.all());
  }
}
