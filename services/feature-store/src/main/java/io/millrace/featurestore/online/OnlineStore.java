// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where the newest state of every view and entity is. Writes are absolute: repeating one changes
 * nothing. Writes of one caller to one key take effect in the order of the calls. Thread-safe.
 */
public interface OnlineStore {
  /** One value to be set. */
  record Put(byte[] key, byte[] value) {}

  /**
   * Sets values of distinct keys. The stage completes when the store has acknowledged all of them,
   * exceptionally where it is gone or has not answered in time; then any part may have been set.
   */
  CompletionStage<Void> write(List<Put> puts);

  /** The values of keys, in their order; null where there is none. */
  CompletionStage<List<byte @Nullable []>> read(List<byte[]> keys);

  /**
   * A word that changes when the store has lost what it held; blank while it is not known. To ask
   * is free, and the answer half a second old.
   */
  default String epoch() {
    return "";
  }

  /** Removes every key that begins so. */
  void deleteByPrefix(String prefix);
}
