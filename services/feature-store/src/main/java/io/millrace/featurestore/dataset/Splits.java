// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.definition.ModelDefinition;
import io.millrace.featurestore.label.LabelRule;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
   * @param share overrides the definition's share where not null
   * @param rule of the label
   */
  static Splits of(
      @Nullable ModelDefinition model,
      @Nullable Double share,
      Spine spine,
      List<String> entities,
      LabelRule rule) {
    double evalShare = share != null ? share : model == null ? 0.2 : model.evalShare();
    ModelDefinition.Split split = model == null ? null : model.split();
    String kind = split == null || split.kind() == null ? "time" : split.kind();
    int entity = split == null || split.entity() == null ? 0 : entities.indexOf(split.entity());
    return new Splits(
        kind,
        evalShare,
        Math.max(0, entity),
        kind.equals("time") ? evalFrom(spine, evalShare) : Long.MAX_VALUE,
        rule::decidedBy);
  }

  /**
   * The moment from which rows evaluate: rows of one moment stay on one side, and it is the side of
   * evaluation unless nothing would be left to train on.
   */
  private static long evalFrom(Spine spine, double evalShare) {
    int rows = spine.rows();
    int first = rows - (int) Math.round(rows * evalShare);
    if (first >= rows) {
      return Long.MAX_VALUE;
    }
    long moment = spine.momentMs(first);
    return moment > spine.momentMs(0) ? moment : moment + 1;
  }

  String of(Spine.Row row) {
    return switch (kind) {
      case "hash" -> position(row.id()) < evalShare ? EVAL : TRAIN;
      case "group" -> {
        String key = row.entityKeys()[entity];
        yield position(key == null ? row.id() : key) < evalShare ? EVAL : TRAIN;
      }
      default -> {
        if (row.momentMs() >= evalFromMs) {
          yield EVAL;
        }
        yield decidedBy.applyAsLong(row.momentMs()) >= evalFromMs ? EMBARGO : TRAIN;
      }
    };
  }

  /** A number in [0, 1) that follows from the text alone. */
  private static double position(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return (ByteBuffer.wrap(digest).getLong() >>> 11) * 0x1.0p-53;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
