// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Which instances have which datasets and spines, so that each of them can answer for all. What an
 * instance said holds for an hour; so it says it again more often than that. Thread-safe.
 */
public interface DatasetPlaces {
  /**
   * An instance.
   *
   * @param address where the other instances reach it
   */
  record Place(String instance, URI address) {}

  /**
   * Says that this instance has a dataset or a spine, or builds it. Completes when every instance
   * can read it.
   */
  CompletionStage<Void> announce(String app, String id);

  /**
   * The other instances that said so.
   *
   * @throws io.millrace.featurestore.history.StoreUnavailableException where that cannot be known
   */
  List<Place> others(String app, String id);

  /**
   * Lets this instance build a dataset, unless another one was let before, so that of several that
   * are asked at the same moment one builds. That holds for an hour.
   *
   * @param gone whom this instance stands in for, as it cannot; null for nobody
   * @return the one that builds it; empty where that is this instance
   * @throws io.millrace.featurestore.history.StoreUnavailableException where that cannot be known
   */
  Optional<Place> builder(String app, String id, @Nullable Place gone);
}
