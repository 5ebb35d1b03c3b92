// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.serving;

/**
 * What serving reports. {@code served + skipped + rejected} equals the records read; a rise of
 * {@code fallback} means that the feature store is gone or slow.
 */
public interface ServingMeter {
  /**
   * @param source {@code event}, {@code request} or {@code async}
   */
  void served(String app, String source, int predictions, long latencyMsMax);

  /**
   * Predictions for which a derived feature came to nothing although nothing that it reads was
   * missing: see {@link io.millrace.features.derived.DerivedFeatures}.
   */
  void undefined(String app, String version, String derived, int predictions);

  /** Deciding events that came before there was a champion. */
  void skipped(String app, int events);

  void fallback(String app, String reason, int predictions);

  /** Records that could not be read, and requests that nobody could answer. */
  void rejected(String app, int records);
}
