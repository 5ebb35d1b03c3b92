// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.DataVerdict;
import io.millrace.stats.profile.DatasetProfile;
import java.util.List;
import java.util.Optional;

/** What was said of spans and learned from them, for readers. Implementations are thread-safe. */
public interface SpanArchive {
  /**
   * The last verdicts of an event, oldest first; that on its silence, if there was any, comes last
   * and besides.
   *
   * @param limit at most so many
   * @throws ArchiveUnavailableException while the stores are not readable here
   */
  List<DataVerdict> verdicts(String app, String event, int limit);

  /** Identifiers of the spans of an event that wait for their verdict. */
  List<String> open(String app, EventFacts event);

  /**
   * Everything kept of one judged span; empty where it was not judged.
   *
   * @param span identifier of the span
   * @throws IllegalArgumentException where that is no identifier of a span of the event
   */
  Optional<SpanView> span(String app, EventFacts event, String span);

  /**
   * The columns of one span; empty once they are out of reach of late rows.
   *
   * @throws IllegalArgumentException where that is no identifier of a span of the event
   */
  Optional<DatasetProfile> statistics(String app, EventFacts event, String span);

  /** Every version of the schema of an event, oldest first. */
  List<SpanSchema> schemas(String app, String event);

  /** What good spans would make of a schema that a person decided on; empty where nothing. */
  Optional<SpanSchema> proposal(String app, String event);

  /** One version of the schema of an event. */
  Optional<SpanSchema> schema(String app, String event, int version);

  /** The stores cannot be read now: starting, rebalancing, or held by another instance. */
  final class ArchiveUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ArchiveUnavailableException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
