// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.common.contract.Interval;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetManifest;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where datasets come from. Thread-safe. */
public interface DatasetSource {

  /**
   * Builds a dataset and waits for it.
   *
   * @param progress told what is happening, for people
   * @return the dataset, its files verified against the manifest
   * @throws io.millrace.trainer.learning.UntrainableException where it cannot be built; says why
   * @throws IllegalStateException where the source does not answer in time
   */
  Built build(String app, Request request, Consumer<String> progress) throws InterruptedException;

  /**
   * What is wanted.
   *
   * @param allowed moments that may be used
   * @param evalShare share of evaluation rows, 0 to 1
   */
  record Request(
      @Nullable Long fromMs, @Nullable Long toMs, List<Interval> allowed, double evalShare) {
    public Request {
      allowed = List.copyOf(allowed);
    }
  }

  /** A dataset in memory. */
  record Built(DatasetManifest manifest, List<Dataset> files) {
    public Built {
      files = List.copyOf(files);
    }
  }
}
