// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class KeptInputsTest {
  private static final String APP = "shop";

  private final ApplicationDefinition built = Definitions.shop(APP);
  private final ApplicationDefinition otherFeature =
      Definitions.shop(APP, Definitions.shopLabel("30m"), "2h");
  private final ApplicationDefinition otherLabel =
      Definitions.shop(APP, Definitions.shopLabel("20m"), "1h");
  private final ServingGenerations serving = new ServingGenerations();

  /** Asks for a dataset of the old definition, of one feature, with its labels. */
  private ThrowingCallable require(ApplicationDefinition applied, String feature) {
    KeptInputs inputs = new KeptInputs(serving, app -> Optional.of(applied));
    return () -> inputs.require(plan(feature), LabelRule.of(built));
  }

  private DatasetPlan plan(String feature) {
    return DatasetPlan.of(
        Generation.of(built),
        new DatasetRequest(
            null, null, null, null, null, null, List.of(feature), null, null, null, null, null));
  }

  @Test
  void require_nothingHasChanged_isKept() {
    serving.serve(Generation.of(built));
    assertThatCode(require(built, "item_impressions.n_1h")).doesNotThrowAnyException();
  }

  @Test
  void require_anotherVersionIsAppliedAndDoesNotAnswerYet_isKept() {
    serving.serve(Generation.of(built));
    assertThatCode(require(otherFeature, "item_impressions.n_1h")).doesNotThrowAnyException();
  }

  @Test
  void require_anotherVersionAnswers_onlyHistoriesOfItsOwnAreGone() {
    serving.serve(Generation.of(otherFeature));
    assertThatThrownBy(require(otherFeature, "item_impressions.n_1h"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has changed while the dataset was built");
    assertThatCode(require(otherFeature, "user_impressions.n_1h")).doesNotThrowAnyException();
  }

  @Test
  void require_anotherLabelIsApplied_momentsMayBeGone() {
    serving.serve(Generation.of(built));
    assertThatThrownBy(require(otherLabel, "user_impressions.n_1h"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ask again");
    assertThatCode(
            () ->
                new KeptInputs(serving, app -> Optional.of(otherLabel))
                    .require(plan("user_impressions.n_1h"), null))
        .as("moments from a file")
        .doesNotThrowAnyException();
  }

  @Test
  void require_deleted_allIsGone() {
    KeptInputs inputs = new KeptInputs(serving, app -> Optional.empty());
    assertThatThrownBy(() -> inputs.require(plan("user_impressions.n_1h"), LabelRule.of(built)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was deleted");
  }
}
