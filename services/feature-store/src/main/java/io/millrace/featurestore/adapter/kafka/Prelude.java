// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

/** What has to be done before a streams application starts. */
interface Prelude {
  /**
   * Does it, on this instance or by waiting for another one that does.
   *
   * @return false where it was cancelled
   * @throws RuntimeException where it did not succeed; to be called again
   */
  boolean complete() throws InterruptedException;

  /** Has {@link #complete} end soon. To be called by another thread. */
  void cancel();
}
