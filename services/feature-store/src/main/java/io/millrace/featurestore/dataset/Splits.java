// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.definition.ModelDefinition;
import io.millrace.featurestore.history.KeyPosition;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which rows train and which evaluate. Where time splits, rows before the first evaluation moment
 * whose label depends on what happened from then on do neither: on the day of that moment nobody
 * could have trained on them. Immutable and thread-safe.
 */
final class Splits {
  static final String TRAIN = "train";
  static final String EVAL = "eval";
  static final String EMBARGO = "embargo";

  private final String kind;
  private final double evalShare;
  private final int entity;
  private final long evalFromMs;
  private final LongUnaryOperator decidedBy;

  private Splits(
      String kind, double evalShare, int entity, long evalFromMs, LongUnaryOperator decidedBy) {
    this.kind = kind;
    this.evalShare = evalShare;
    this.entity = entity;
    this.evalFromMs = evalFromMs;
    this.decidedBy = decidedBy;
  }

  /**
   * The split of a definition over a complete spine.
   *
   * @param request overrides the definition's where it says something
   * @param decidedBy moment → when its label is decided
   */
  static Splits of(
      @Nullable ModelDefinition model,
      DatasetRequest request,
      Spine spine,
      List<String> entities,
      LongUnaryOperator decidedBy) {
    double evalShare =
        request.evalShare() != null ? request.evalShare() : model == null ? 0.2 : model.evalShare();
    ModelDefinition.Split declared = model == null ? null : model.split();
    String kind = declared == null || declared.kind() == null ? "time" : declared.kind();
    String by = declared == null ? null : declared.entity();
    if (request.split() != null) {
      kind = request.split();
      by = request.splitBy() == null ? by : request.splitBy();
    }
    int entity = by == null ? 0 : entities.indexOf(by);
    return new Splits(
        kind,
        evalShare,
        Math.max(0, entity),
        kind.equals("time") ? evalFrom(spine, evalShare) : Long.MAX_VALUE,
        decidedBy);
  }

  /**
   * The moment from which rows evaluate: rows of one moment stay on one side, and it is the side of
   * evaluation unless nothing would be left to train on.
   */
  private static long evalFrom(Spine spine, double evalShare) {
    long[] moments = spine.sortedMoments();
    int first = moments.length - (int) Math.round(moments.length * evalShare);
    if (first >= moments.length) {
      return Long.MAX_VALUE;
    }
    return moments[first] > moments[0] ? moments[first] : moments[first] + 1;
  }

  String of(Spine.Row row) {
    return switch (kind) {
      case "hash" -> KeyPosition.of("", row.id()) < evalShare ? EVAL : TRAIN;
      case "group" -> {
        String key = row.entityKeys()[entity];
        yield KeyPosition.of("", key == null ? row.id() : key) < evalShare ? EVAL : TRAIN;
      }
      default -> {
        if (row.momentMs() >= evalFromMs) {
          yield EVAL;
        }
        yield decidedBy.applyAsLong(row.momentMs()) >= evalFromMs ? EMBARGO : TRAIN;
      }
    };
  }
}
