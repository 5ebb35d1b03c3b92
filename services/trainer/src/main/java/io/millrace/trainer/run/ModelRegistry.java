// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.common.contract.ModelVersionChanged;
import java.util.List;

/** The model versions of all applications. Thread-safe. */
public interface ModelRegistry {

  /**
   * The state of every version at this moment, whoever wrote it.
   *
   * @throws IllegalStateException where it cannot be read in time
   */
  List<ModelVersionChanged> current(String app);

  /**
   * Publishes a state and waits until it is durable.
   *
   * @throws IllegalStateException where it is not acknowledged in time
   */
  void publish(ModelVersionChanged change);
}
