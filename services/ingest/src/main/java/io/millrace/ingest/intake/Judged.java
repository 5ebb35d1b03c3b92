// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import org.jspecify.annotations.Nullable;

/** What the rules say of one row, before anybody asked whether it was there already. */
sealed interface Judged {
  RawRow.Origin origin();

  /** Id of the event or of the dead letter. */
  String id();

  /** It keeps every rule. */
  record Good(RawRow.Origin origin, Event event) implements Judged {
    @Override
    public String id() {
      return event.id();
    }
  }

  /**
   * It breaks one.
   *
   * @param content digest of what arrived: the same row sent again is no new rejection
   */
  record Bad(RawRow.Origin origin, EventRejected rejected, long content) implements Judged {
    @Override
    public String id() {
      return rejected.eventId();
    }

    @Nullable String field() {
      return rejected.field();
    }
  }
}
