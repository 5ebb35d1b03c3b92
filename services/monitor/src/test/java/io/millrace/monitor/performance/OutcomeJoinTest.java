// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.performance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.contract.PredictionServed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutcomeJoinTest {
  private static PredictionServed prediction(String id, String version) {
    return new PredictionServed(
        "app", id, Map.of(), version, "champion", 0.5, Map.of(), Map.of(), 0, 0, 0, "event", null);
  }

  private static OutcomeLabelled label(String id, double value, int revision) {
    return new OutcomeLabelled(
        "app", id, Map.of(), 0, 0, value, Provenance.OBSERVED, revision, null, 0, 0);
  }

  @Test
  void join_anyOrderAndRepetitions_joinsEachPairOnce() {
    for (int seed = 0; seed < 50; seed++) {
      OutcomeJoin join = new OutcomeJoin(10_000);
      List<Object> messages = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        for (int copy = 0; copy < 2; copy++) {
          messages.add(prediction("p" + i, "1"));
          messages.add(prediction("p" + i, "2"));
          messages.add(label("p" + i, 1, 1));
        }
      }
      Collections.shuffle(messages, new Random(seed));
      List<String> pairs = new ArrayList<>();
      for (Object message : messages) {
        List<OutcomeJoin.Pair> found =
            message instanceof PredictionServed served
                ? join.predicted(served)
                : join.labelled((OutcomeLabelled) message);
        found.forEach(
            pair ->
                pairs.add(
                    pair.prediction().predictionId() + "/" + pair.prediction().modelVersion()));
      }
      assertThat(pairs).hasSize(400).doesNotHaveDuplicates();
      assertThat(join.waiting()).isZero();
    }
  }

  @Test
  void labelled_laterRevision_isACorrection() {
    OutcomeJoin join = new OutcomeJoin(10);
    join.predicted(prediction("p", "1"));
    assertThat(join.labelled(label("p", 0, 1))).singleElement().matches(pair -> !pair.correction());
    assertThat(join.labelled(label("p", 1, 2)))
        .singleElement()
        .matches(pair -> pair.correction() && pair.label().value() == 1);
    assertThat(join.labelled(label("p", 0, 1))).isEmpty();
  }

  @Test
  void predicted_moreThanTheLimitWait_oldestIsGivenUpAndCounted() {
    OutcomeJoin join = new OutcomeJoin(2);
    for (int i = 0; i < 3; i++) {
      join.predicted(prediction("p" + i, "1"));
    }
    assertThat(join.waiting()).isEqualTo(2);
    assertThat(join.givenUp()).isEqualTo(1);
    assertThat(join.labelled(label("p0", 1, 1))).isEmpty();
    assertThat(join.labelled(label("p2", 1, 1))).hasSize(1);
  }
}
