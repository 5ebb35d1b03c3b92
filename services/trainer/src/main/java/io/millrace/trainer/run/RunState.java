// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

/** Where a run is. */
public enum RunState {
  QUEUED,
  WAITING_FOR_VERDICTS,
  BUILDING_DATASET,
  TRAINING,
  /** A model version was published. */
  PACKAGED,
  /** The data or the request does not allow a model; the reasons say why. */
  REFUSED,
  /** Something broke; the reasons say what. */
  FAILED;

  /** Whether nothing more will happen. */
  public boolean ended() {
    return this == PACKAGED || this == REFUSED || this == FAILED;
  }
}
