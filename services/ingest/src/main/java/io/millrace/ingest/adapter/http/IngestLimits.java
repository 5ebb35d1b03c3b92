// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.http;

/**
 * Limits of the events endpoint.
 *
 * @param bodyBytesMax size at which a body is refused, unpacked
 * @param inFlightBytesMax bytes of all bodies being read and taken in
 * @param concurrentMax requests being taken in at once
 */
public record IngestLimits(int bodyBytesMax, int inFlightBytesMax, int concurrentMax) {
  public IngestLimits {
    if (bodyBytesMax < 1 || concurrentMax < 1 || inFlightBytesMax < bodyBytesMax) {
      throw new IllegalArgumentException(
          "a body must fit into what is in flight, and somebody must be let in");
    }
  }
}
