// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.featurestore.history.KeyPosition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which rows are wanted, with which columns.
 *
 * @param fromMs earliest moment, inclusive; absent means all
 * @param toMs latest moment, exclusive; absent means all
 * @param allowed spans of moments, {@code [from, to)} each; absent means all
 * @param evalShare share of evaluation rows, 0 to 1; absent means the definition's
 * @param spine id of a file of moments that was sent before; absent means the labelled moments
 * @param pseudonymous whether personal keys in the file are hashed already
 * @param features names of the columns; absent means what the model and its gates need, or all
 *     features where there is no model
 * @param sample share of the rows that is kept, above 0 to 1; absent means all
 * @param sampleBy entity whose keys are kept or left out as a whole; absent means row by row
 * @param negatives share of the rows with label 0 that is kept, above 0 to 1; the weight of those
 *     makes up for it
 * @param split {@code time}, {@code group} or {@code hash}; absent means the definition's
 * @param splitBy entity of a group split
 */
public record DatasetRequest(
    @Nullable Long fromMs,
    @Nullable Long toMs,
    @Nullable List<List<Long>> allowed,
    @Nullable Double evalShare,
    @Nullable String spine,
    @Nullable Boolean pseudonymous,
    @Nullable List<String> features,
    @Nullable Double sample,
    @Nullable String sampleBy,
    @Nullable Double negatives,
    @Nullable String split,
    @Nullable String splitBy) {
  private static final int SPAN_ENDS = 2;
  private static final int FEATURES_MAX = 5_000;
  private static final Pattern SPINE = Pattern.compile("sp-[0-9a-f]{12}");
  private static final Set<String> SPLITS = Set.of("time", "group", "hash");

  /**
   * @throws IllegalArgumentException naming the field and the rule
   */
  public DatasetRequest {
    require(fromMs == null || toMs == null || fromMs < toMs, "toMs: must be greater than fromMs");
    require(
        evalShare == null || (evalShare >= 0 && evalShare < 1),
        "evalShare: must be at least 0 and below 1");
    if (allowed != null) {
      for (List<Long> span : allowed) {
        require(
            span.size() == SPAN_ENDS && span.get(0) < span.get(1),
            "allowed: a span is [fromMs, toMs) with from < to");
      }
      allowed = List.copyOf(allowed);
    }
    require(spine == null || SPINE.matcher(spine).matches(), "spine: is no id of a spine");
    require(
        features == null || (!features.isEmpty() && features.size() <= FEATURES_MAX),
        "features: name 1 to " + FEATURES_MAX);
    features = features == null ? null : List.copyOf(features);
    require(isShare(sample), "sample: must be above 0 and at most 1");
    require(isShare(negatives), "negatives: must be above 0 and at most 1");
    require(sampleBy == null || sample != null, "sampleBy: needs sample");
    require(split == null || SPLITS.contains(split), "split: must be time, group or hash");
    require(splitBy == null || "group".equals(split), "splitBy: needs the split group");
  }

  /** Labelled moments within limits. */
  public DatasetRequest(
      @Nullable Long fromMs,
      @Nullable Long toMs,
      @Nullable List<List<Long>> allowed,
      @Nullable Double evalShare) {
    this(fromMs, toMs, allowed, evalShare, null, null, null, null, null, null, null, null);
  }

  private static boolean isShare(@Nullable Double share) {
    return share == null || (share > 0 && share <= 1);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Whether a moment is within the limits. */
  boolean asksFor(long momentMs) {
    return (fromMs == null || momentMs >= fromMs) && (toMs == null || momentMs < toMs);
  }

  /** Whether a moment is in a span that may be used. */
  boolean allows(long momentMs) {
    return allowed == null
        || allowed.stream().anyMatch(span -> momentMs >= span.get(0) && momentMs < span.get(1));
  }

  /**
   * Whether a row is in the sample.
   *
   * @param key of {@link #sampleBy}; null where the row has none
   */
  boolean samples(String id, @Nullable String key) {
    return sample == null
        || KeyPosition.of("sample", sampleBy == null || key == null ? id : key) < sample;
  }

  /** What a row weighs among those that are kept; 0 means that it is left out. */
  double weight(String id, double label) {
    if (negatives == null || label != 0) {
      return 1;
    }
    return KeyPosition.of("negatives", id) < negatives ? 1 / negatives : 0;
  }

  /** Field → value, absent ones left out. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new TreeMap<>();
    put(map, "fromMs", fromMs);
    put(map, "toMs", toMs);
    put(map, "allowed", allowed);
    put(map, "evalShare", evalShare);
    put(map, "spine", spine);
    put(map, "pseudonymous", pseudonymous);
    put(map, "features", features);
    put(map, "sample", sample);
    put(map, "sampleBy", sampleBy);
    put(map, "negatives", negatives);
    put(map, "split", split);
    put(map, "splitBy", splitBy);
    return map;
  }

  private static void put(Map<String, Object> map, String name, @Nullable Object value) {
    if (value != null) {
      map.put(name, value);
    }
  }
}
