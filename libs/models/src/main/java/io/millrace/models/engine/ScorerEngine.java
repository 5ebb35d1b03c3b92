// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

/**
 * An engine that loads weights of one algorithm; found by {@link java.util.ServiceLoader}.
 * Thread-safe.
 */
public interface ScorerEngine {

  /** The algorithm's name in application definitions and package metadata. */
  String name();

  /** Name of the weights file in a package. */
  String weightsFile();

  /**
   * Loads weights.
   *
   * @param weights as the learner wrote them
   * @param width columns per row
   * @param device where to score; an engine without accelerator support scores on the processor
   * @throws IllegalArgumentException where the bytes are not weights of this engine and width; the
   *     message says what is wrong
   */
  Scorer load(byte[] weights, int width, Device device);
}
