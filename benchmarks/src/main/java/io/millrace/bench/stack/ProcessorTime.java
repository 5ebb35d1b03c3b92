// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import java.util.OptionalDouble;

/** What processes have taken of the processors. */
final class ProcessorTime {
  private ProcessorTime() {}

  /** Processor time of a process since it began, in seconds; empty once it has ended. */
  static OptionalDouble seconds(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .map(time -> OptionalDouble.of(time.toNanos() / 1e9))
        .orElse(OptionalDouble.empty());
  }
}
