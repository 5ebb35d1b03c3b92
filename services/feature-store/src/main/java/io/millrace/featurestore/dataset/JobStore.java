// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.contract.ApplicationApplied;
import java.io.IOException;
import java.util.List;

/** Remembers which builds are under way, over the end of the process. Thread-safe. */
public interface JobStore {
  /** In the folder of a dataset that is being built. */
  String FILE = "job.json";

  /** A build that was asked for. */
  record Saved(String id, ApplicationApplied applied, DatasetRequest request) {}

  void save(Saved job) throws IOException;

  /** The build has come to an end, whichever. */
  void ended(String app, String id) throws IOException;

  /** The builds that had not come to an end when the process did. */
  List<Saved> unfinished();
}
