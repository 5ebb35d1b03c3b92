// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.parity;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the parity meter of this instance has found since it started.
 *
 * @param share of the entity keys that are checked
 * @param checked vectors compared with history
 * @param bySource who served them → how many of them
 * @param mismatching those of them of which at least one feature differs
 * @param skipped vectors of sampled keys that were not checked: no room, no budget, or served by a
 *     definition that was replaced in between
 * @param pending vectors that wait to be checked
 * @param lastCheckedAtMs wall clock; null before any
 * @param lagMs from serving to the verdict, of the last vector
 * @param features {@code view.feature} → what was found
 * @param examples the last mismatches, newest first
 */
public record ParityReport(
    String app,
    double share,
    long checked,
    Map<String, Long> bySource,
    long mismatching,
    long skipped,
    long pending,
    @Nullable Long lastCheckedAtMs,
    @Nullable Long lagMs,
    Map<String, FeatureParity> features,
    List<Example> examples) {

  /**
   * A feature.
   *
   * @param checked values compared
   * @param mismatches of them
   * @param lastMismatchAtMs wall clock; null without
   */
  public record FeatureParity(long checked, long mismatches, @Nullable Long lastMismatchAtMs) {}

  /**
   * A mismatch.
   *
   * @param source what served it
   * @param from which answer it was
   * @param state {@code view:key} that was read
   */
  public record Example(
      long atMs,
      String source,
      String from,
      long servedAtMs,
      long momentMs,
      String state,
      String feature,
      @Nullable Object served,
      @Nullable Object recomputed) {}
}
