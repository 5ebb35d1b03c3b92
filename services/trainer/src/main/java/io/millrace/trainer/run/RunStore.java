// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import java.util.List;
import java.util.Optional;

/** What is known of runs, kept across restarts. Thread-safe. */
public interface RunStore {
  /** Keeps a record; it replaces the one before. */
  void save(RunRecord run);

  Optional<RunRecord> find(String app, String runId);

  /** The newest runs of an application, newest first. */
  List<RunRecord> list(String app, int limit);
}
