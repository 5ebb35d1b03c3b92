// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

/**
 * Counts runs. Every request that is taken ends in exactly one of {@link #ended} and {@link
 * #rejected}, unless the process stops.
 */
public interface RunMeter {
  /** A request was taken from the topic. */
  void requested();

  /** A request was no request. */
  void rejected();

  /** A run ended. */
  void ended(RunState state, long durationMs);

  /** A run spent this long in a state. */
  void step(RunState state, long durationMs);
}
