// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The value that says which parts of a group have all their keys in the online store: two bytes,
 * the number of parts, then a bit for each, the first one the highest of its byte. It lies in the
 * store itself and is lost with what it speaks of.
 */
public final class WholeMark {
  /** Where the bits begin. */
  public static final int HEAD_BITS = 16;

  private WholeMark() {}

  /** The first bytes of the value. */
  public static byte[] head(int parts) {
    return new byte[] {(byte) (parts >> 8), (byte) parts};
  }

  /** Whether a store has all keys of a generation, whichever instances its parts are on. */
  public static CompletionStage<Boolean> isWhole(OnlineStore store, Generation generation) {
    if (!store.keepsWhole()) {
      return CompletableFuture.completedStage(true);
    }
    List<byte[]> marks = new ArrayList<>();
    for (FeatureGroup group : generation.groups()) {
      marks.add(OnlineKey.mark(OnlineKey.prefix(generation, group)));
    }
    return store.read(marks).thenApply(found -> found.stream().allMatch(WholeMark::isWhole));
  }

  /** Whether every part has all its keys. */
  static boolean isWhole(byte @Nullable [] mark) {
    if (mark == null || mark.length < 2) {
      return false;
    }
    int parts = ((mark[0] & 0xff) << 8) | (mark[1] & 0xff);
    for (int part = 0; part < parts; part++) {
      int bit = HEAD_BITS + part;
      if (bit / 8 >= mark.length || (mark[bit / 8] & (0x80 >> (bit % 8))) == 0) {
        return false;
      }
    }
    return parts > 0;
  }
}
