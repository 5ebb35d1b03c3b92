// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.inference.model.ModelDirectory;
import io.millrace.inference.model.ModelDirectory.Standing;
import io.millrace.inference.model.ServedVersion;
import java.util.List;

/** The version that answers for an application, or the reason why none does. */
final class Champions {
  private static final int RETRY_AFTER_S = 1;

  private Champions() {}

  /**
   * The champion in force.
   *
   * @throws ProblemException 409 where no version was ever promoted, which only training changes;
   *     503 where one was and is not loaded, or where it is not known yet, which passes
   */
  static ServedVersion require(ModelDirectory models, String app) {
    return switch (models.standing(app)) {
      case Standing.Serving serving -> serving.champion();
      case Standing.NoChampion none ->
          throw ProblemException.conflict(
              "application " + app + " has no champion yet; train a model first", List.of());
      case Standing.Unread unread ->
          throw ProblemException.unavailable(
              "the model versions of " + app + " are still being read", RETRY_AFTER_S);
      case Standing.Loading loading ->
          throw ProblemException.unavailable(
              loading.failure() == null
                  ? "champion " + loading.version() + " of " + app + " is being loaded"
                  : "champion %s of %s cannot be loaded: %s"
                      .formatted(loading.version(), app, loading.failure()),
              RETRY_AFTER_S);
    };
  }
}
