// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import java.time.Duration;

/**
 * The wall-clock rhythm of the topology.
 *
 * @param emitEvery how often a partition hands its chunks on
 * @param closeEvery how often spans are looked at for closing
 * @param idle after which a silent partition does not hold up the closing of spans
 * @param settle wait after the first chunk of an event, within which its other partitions report
 */
public record Timing(Duration emitEvery, Duration closeEvery, Duration idle, Duration settle) {
  /**
   * 500 ms, 250 ms, 5 s and 5 s. Idle and settle are ten times what they wait for, since a busy
   * machine may serve one partition seconds before the next; a verdict that came too early all the
   * same is revised.
   */
  public static final Timing DEFAULT =
      new Timing(
          Duration.ofMillis(500),
          Duration.ofMillis(250),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5));
}
