// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import io.millrace.validator.data.RowPlace;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The vectors that predictions were made of. */
public interface ServedVectors {
  /**
   * The last vectors, those of one partition oldest first.
   *
   * @param most at most so many
   * @throws io.millrace.validator.model.CandidateTrial.UnavailableException where they cannot be
   *     read now
   */
  List<Vector> last(String app, Asked asked, int most);

  /**
   * Which vectors.
   *
   * @param version of this model version; null for all
   * @param fromMs moments from here, inclusive
   * @param toMs moments to here, exclusive
   */
  record Asked(@Nullable String version, long fromMs, long toMs) {}

  /**
   * One vector.
   *
   * @param predictionId id of the prediction
   * @param version of the model
   * @param features input → value; without those that were missing
   * @param place where it stands on the topic of predictions
   */
  record Vector(
      String predictionId, String version, Map<String, Object> features, RowPlace place) {}
}
