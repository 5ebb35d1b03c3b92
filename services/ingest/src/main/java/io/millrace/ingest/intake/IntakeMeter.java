// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.time.Duration;
import java.util.Map;

/** Counts what the intake does; the figures agree with the books of this process's share. */
public interface IntakeMeter {
  /** A batch is in the books. */
  void settled(
      String app,
      String event,
      long accepted,
      long duplicates,
      Map<String, Long> rejectedByReason,
      Duration took);

  /** A claim of a process that is gone was settled; {@code written} says what the log held. */
  void recovered(String app, String event, boolean written);
}
