// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.serde.Json;
import org.junit.jupiter.api.Test;

class TrainTest {

  @Test
  void lines_figuresWithIntervals_eachOnALineOfItsOwn() {
    assertThat(
            Train.lines(
                Json.mapper()
                    .readTree(
                        """
                        {"runId": "r1", "state": "PACKAGED", "evaluations": {
                          "majority": {"auc": {"value": 0.5, "low": 0.5, "high": 0.5},
                            "figures": {"brier": 0.25}},
                          "model": {"auc": {"value": 0.8, "low": 0.75, "high": 0.84},
                            "figures": {"brier": 0.12, "f1": 0.6},
                            "intervals": {"auc_by_user": {"low": 0.7, "high": 0.88},
                              "brier": {"low": 0.1, "high": 0.14},
                              "f1": {"low": 0.55, "high": 0.64}}}}}
                        """)))
        .containsExactly(
            "run        r1  PACKAGED",
            "model                           AUC 0.8000 [0.7500, 0.8400]",
            "  auc_by_user                          [0.7000, 0.8800]",
            "  brier                         0.1200 [0.1000, 0.1400]",
            "  f1                            0.6000 [0.5500, 0.6400]",
            "majority                        AUC 0.5000 [0.5000, 0.5000]  brier 0.2500");
  }
}
