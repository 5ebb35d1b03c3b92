// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import io.millrace.datasets.Dataset;
import java.util.List;

/** Where training rows of a stretch of moments come from. */
@FunctionalInterface
public interface SpanRows {
  /**
   * The rows that training would have of these moments.
   *
   * @param fromMs event time, inclusive
   * @param toMs event time, exclusive
   * @throws io.millrace.datasets.DatasetException where there are none, or they are damaged
   * @throws io.millrace.validator.model.CandidateTrial.UnavailableException where they cannot be
   *     had now
   */
  Built build(String app, long fromMs, long toMs);

  /**
   * The rows.
   *
   * @param files at least one
   */
  record Built(String datasetId, List<Dataset> files) {
    public Built {
      files = List.copyOf(files);
    }
  }
}
