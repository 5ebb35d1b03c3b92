// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Starts in parallel what {@link RequiresBackends} names. */
final class BackendsExtension implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) throws ExecutionException, InterruptedException {
    RequiresBackends wanted =
        AnnotationSupport.findAnnotation(context.getRequiredTestClass(), RequiresBackends.class)
            .orElseThrow();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> starting = new ArrayList<>();
      if (wanted.kafka()) {
        starting.add(executor.submit(Backends::kafka));
      }
      if (wanted.redis()) {
        starting.add(executor.submit(Backends::redis));
      }
      if (wanted.cassandra()) {
        starting.add(executor.submit(Backends::cassandra));
      }
      for (Future<?> future : starting) {
        future.get();
      }
    }
  }
}
