// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which rows are wanted.
 *
 * @param fromMs earliest moment, inclusive; absent means all
 * @param toMs latest moment, exclusive; absent means all
 * @param allowed spans of moments, {@code [from, to)} each; absent means all
 * @param evalShare share of evaluation rows, 0 to 1; absent means the definition's
 */
public record DatasetRequest(
    @Nullable Long fromMs,
    @Nullable Long toMs,
    @Nullable List<List<Long>> allowed,
    @Nullable Double evalShare) {
  private static final int SPAN_ENDS = 2;

  /**
   * @throws IllegalArgumentException naming the field and the rule
   */
  public DatasetRequest {
    if (fromMs != null && toMs != null && fromMs >= toMs) {
      throw new IllegalArgumentException("toMs: must be greater than fromMs");
    }
    if (evalShare != null && !(evalShare >= 0 && evalShare < 1)) {
      throw new IllegalArgumentException("evalShare: must be at least 0 and below 1");
    }
    if (allowed != null) {
      for (List<Long> span : allowed) {
        if (span.size() != SPAN_ENDS || span.get(0) >= span.get(1)) {
          throw new IllegalArgumentException("allowed: a span is [fromMs, toMs) with from < to");
        }
      }
      allowed = List.copyOf(allowed);
    }
  }

  /** Whether a moment is wanted. */
  boolean wants(long momentMs) {
    if ((fromMs != null && momentMs < fromMs) || (toMs != null && momentMs >= toMs)) {
      return false;
    }
    return allowed == null
        || allowed.stream().anyMatch(span -> momentMs >= span.get(0) && momentMs < span.get(1));
  }

  /** Field → value, absent ones left out. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new TreeMap<>();
    if (fromMs != null) {
      map.put("fromMs", fromMs);
    }
    if (toMs != null) {
      map.put("toMs", toMs);
    }
    if (allowed != null) {
      map.put("allowed", allowed);
    }
    if (evalShare != null) {
      map.put("evalShare", evalShare);
    }
    return map;
  }
}
