// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.definition.ModelDefinition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which rows evaluate. Immutable and thread-safe. */
final class Splits {
  static final String TRAIN = "train";
  static final String EVAL = "eval";

  private final String kind;
  private final double evalShare;
  private final int entity;
  private final long evalFromMs;

  private Splits(String kind, double evalShare, int entity, long evalFromMs) {
    this.kind = kind;
    this.evalShare = evalShare;
    this.entity = entity;
    this.evalFromMs = evalFromMs;
  }

  /**
   * The split of a definition over a complete spine.
   *
   * @param share overrides the definition's share where not null
   */
  static Splits of(
      @Nullable ModelDefinition model, @Nullable Double share, Spine spine, List<String> entities) {
    double evalShare = share != null ? share : model == null ? 0.2 : model.evalShare();
    ModelDefinition.Split split = model == null ? null : model.split();
    String kind = split == null || split.kind() == null ? "time" : split.kind();
    int entity = split == null || split.entity() == null ? 0 : entities.indexOf(split.entity());
    return new Splits(
        kind,
        evalShare,
        Math.max(0, entity),
        kind.equals("time") ? evalFrom(spine, evalShare) : Long.MAX_VALUE);
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
    boolean eval =
        switch (kind) {
          case "hash" -> position(row.id()) < evalShare;
          case "group" -> {
            String key = row.entityKeys()[entity];
            yield position(key == null ? row.id() : key) < evalShare;
          }
          default -> row.momentMs() >= evalFromMs;
        };
    return eval ? EVAL : TRAIN;
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
