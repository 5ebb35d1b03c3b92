// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

/** What the online store had at a key when it was last asked. Thread-safe. */
public interface StoredValue {
  /** Not to be changed. */
  byte[] bytes();

  /**
   * Whether the store still has it, or had it a moment ago. Once this is false where the value was
   * changed or forgotten it stays so; it may be false for a while only, where the store is silent.
   */
  boolean isCurrent();
}
