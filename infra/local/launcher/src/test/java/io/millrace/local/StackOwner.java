// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.nio.file.Path;
import java.time.Duration;

/** A process that starts a stack, says so, and waits to be killed. */
final class StackOwner {
  private StackOwner() {}

  public static void main(String[] arguments) throws Exception {
    LocalStack stack =
        LocalStack.in(MillraceHome.find(), Path.of(arguments[0]), Lifetime.ofThisProcess());
    stack.start(Duration.ofSeconds(120), backend -> {});
    for (Backend backend : stack.backends()) {
      System.out.println(ProcessIdentity.of(backend.pid().orElseThrow()).orElseThrow().encoded());
    }
    System.out.println("ready");
    Thread.currentThread().join();
  }
}
