// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances of the service, of which one is killed and comes back. */
@RequiresBackends(kafka = true, redis = true, cassandra = true)
class SeveralInstancesIT {
  @TempDir Path folder;

  private final String logs = Backends.uniqueName("several");

  @Test
  void instances_ofWhichOneIsKilledAndComesBack_areOneService()
      throws IOException, InterruptedException, ExecutionException {
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore owner = instance("owner");
        RunningFeatureStore other = instance("other");
        ChangeOnInstances change = new ChangeOnInstances(live, owner, other)) {
      DatasetsOfInstances datasets = new DatasetsOfInstances(live, folder, owner, other);
      change.apply();
      datasets.apply();
      start(owner, other);
      datasets.areOfBoth();

      change.isUnderWay();
      owner.kill();
      datasets.areBuiltByTheOther();
      change.isMadeByTheOther();

      owner.start();
      change.isBack();
      datasets.areOfBothAgain();
      change.ends();
      datasets.areThoseOfAnApplicationDeletedAndAppliedAtOnce();
    }
  }

  private RunningFeatureStore instance(String name) throws IOException {
    return LiveBackends.service(
        logs, Backends.redis().uri(), folder.resolve(name), Map.of("MILLRACE_INSTANCE", name));
  }

  /** Starts several at a time, as an orchestrator would. */
  private static void start(RunningFeatureStore... instances)
      throws InterruptedException, ExecutionException {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> starting = new ArrayList<>();
      for (RunningFeatureStore instance : instances) {
        starting.add(
            executor.submit(
                () -> {
                  instance.start();
                  return true;
                }));
      }
      for (Future<Boolean> each : starting) {
        assertThat(each.get()).isTrue();
      }
    }
  }
}
