// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.serving;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The online features of entities. */
public interface FeatureSource {
  /**
   * Reads features as of each question's own moment.
   *
   * @param names {@code view.feature}
   * @param deadline after which the answer is {@link Answer.Unavailable}
   */
  Answer fetch(String app, List<String> names, List<Question> questions, Duration deadline);

  /** What came back. */
  sealed interface Answer {
    /** One row per question, values in the order of the names; null where not present. */
    record Vectors(List<Vector> rows) implements Answer {}

    /**
     * @param reason stable word, becomes the prediction's fallback mark
     */
    record Unavailable(String reason) implements Answer {}
  }

  /**
   * @param states {@code view:key} → state version
   */
  record Vector(@Nullable Object[] values, Map<String, Long> states) {}
}
