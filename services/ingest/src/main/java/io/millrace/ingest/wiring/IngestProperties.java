// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.wiring;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of this service; {@code application.yaml} names the environment variable of each.
 *
 * @param horizon how long ids are remembered, at least a minute
 * @param bodyBytesMax size at which a body is refused, unpacked
 * @param inFlightBytesMax bytes of all bodies being read and taken in
 * @param concurrentMax requests being taken in at once
 * @param lease after which a process that was killed counts as gone
 * @param pendingWait how long a request waits for ids that another is at
 */
@ConfigurationProperties("millrace.ingest")
public record IngestProperties(
    @DefaultValue("7d") Duration horizon,
    @DefaultValue("10000000") int bodyBytesMax,
    @DefaultValue("80000000") int inFlightBytesMax,
    @DefaultValue("16") int concurrentMax,
    @DefaultValue("25s") Duration lease,
    @DefaultValue("3s") Duration pendingWait) {
  public IngestProperties {
    if (horizon.compareTo(Duration.ofMinutes(1)) < 0) {
      throw new IllegalArgumentException("MILLRACE_INGEST_HORIZON is shorter than a minute");
    }
    if (pendingWait.isNegative()) {
      throw new IllegalArgumentException("MILLRACE_INGEST_PENDING_WAIT is negative");
    }
  }
}
