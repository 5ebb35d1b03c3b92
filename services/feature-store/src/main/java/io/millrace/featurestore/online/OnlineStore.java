// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where the newest state of every view and entity is. Writes are absolute: repeating one changes
 * nothing. Writes of one caller to one key take effect in the order of the calls. Thread-safe.
 */
public interface OnlineStore {
  /** How many keys of a read are read at one moment: the first so many, the next so many, etc. */
  int TOGETHER = 256;

  /** One value to be set. */
  record Put(byte[] key, byte[] value) {}

  /**
   * Sets values of distinct keys. The stage completes when the store has acknowledged all of them,
   * exceptionally where it is gone or has not answered in time; then any part may have been set.
   */
  CompletionStage<Void> write(List<Put> puts);

  /** The value of a key where it is at hand and current; null where the store must be asked. */
  default @Nullable StoredValue known(byte[] key) {
    return null;
  }

  /** The values of keys, in their order; null where there is none. They are not to be changed. */
  CompletionStage<List<byte @Nullable []>> read(List<byte[]> keys);

  /**
   * A word that changes when the store has lost what it held; blank while it is not known. To ask
   * is free, and the answer half a second old.
   */
  default String epoch() {
    return "";
  }

  /**
   * Keeps, as long as the store loses nothing, that a part of several has all its keys here: see
   * {@link WholeMark}.
   *
   * @param mark key of the mark, the same for all parts
   * @param epoch in which the keys were written
   * @param part from 0
   * @return whether it is kept; not where the store is in another epoch by now
   */
  default CompletionStage<Boolean> whole(byte[] mark, String epoch, int part, int parts) {
    return CompletableFuture.completedStage(true);
  }

  /** Whether {@link #whole} is kept, so that a key that is not there may have been lost. */
  default boolean keepsWhole() {
    return false;
  }

  /** Removes every key that begins so. */
  void deleteByPrefix(String prefix);
}
