// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a request: in = accepted + rejected + duplicates.
 *
 * @param rejections the first {@value #REJECTIONS_MAX}
 */
public record Receipt(
    long in, long accepted, long rejected, long duplicates, List<Rejection> rejections) {
  private static final int REJECTIONS_MAX = 100;

  /** Nothing yet. */
  public static final Receipt NONE = new Receipt(0, 0, 0, 0, List.of());

  public Receipt {
    rejections = List.copyOf(rejections);
  }

  /**
   * A row that was refused.
   *
   * @param index position in the request, from 0
   */
  public record Rejection(
      int index, String id, String reason, @Nullable String field, String message) {}

  /** Both together. */
  public Receipt plus(Receipt other) {
    List<Rejection> all = new ArrayList<>(rejections);
    other.rejections.stream().limit(REJECTIONS_MAX - all.size()).forEach(all::add);
    return new Receipt(
        in + other.in,
        accepted + other.accepted,
        rejected + other.rejected,
        duplicates + other.duplicates,
        all);
  }

  static Receipt of(long accepted, long duplicates, List<Judged.Bad> rejected) {
    return new Receipt(
        accepted + duplicates + rejected.size(),
        accepted,
        rejected.size(),
        duplicates,
        rejected.stream()
            .limit(REJECTIONS_MAX)
            .map(
                bad ->
                    new Rejection(
                        bad.origin().index(),
                        bad.id(),
                        bad.rejected().reason(),
                        bad.field(),
                        bad.rejected().message()))
            .toList());
  }
}
