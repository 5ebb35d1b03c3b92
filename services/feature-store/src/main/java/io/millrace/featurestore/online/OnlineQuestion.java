// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A question for online features.
 *
 * @param views names of views, all of whose features are asked for
 * @param features {@code view.feature}; without these and views, all features of all views
 * @param keys entity → key of each row as the caller has it, null where a row has none
 * @param momentsMs as of which moment each row is read
 * @param pseudonymous whether personal keys are pseudonyms already
 */
public record OnlineQuestion(
    @Nullable List<String> views,
    @Nullable List<String> features,
    Map<String, @Nullable Object[]> keys,
    long[] momentsMs,
    boolean pseudonymous) {
  /** Most rows of one question. */
  public static final int ROWS_MAX = 1000;

  /**
   * @throws InvalidQuestionException where there are no rows or too many, or keys of another number
   */
  public OnlineQuestion {
    if (momentsMs.length < 1 || momentsMs.length > ROWS_MAX) {
      throw new InvalidQuestionException("entities", "size", "send 1 to " + ROWS_MAX + " entities");
    }
    keys.forEach(
        (entity, each) -> {
          if (each.length != momentsMs.length) {
            throw new InvalidQuestionException(
                "entities." + entity, "size", "send one key for each of the rows");
          }
        });
  }
}
