// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import io.millrace.local.MillraceHome;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What whoever runs a benchmark may choose.
 *
 * @param home the built tree
 * @param runs how often each case is measured; empty for what the benchmark finds right
 * @param retail the order lines of UCI "Online Retail", where the machine has them
 */
public record BenchOptions(MillraceHome home, OptionalInt runs, Optional<Path> retail) {
  /** Checks the range. */
  public BenchOptions {
    if (runs.isPresent() && (runs.getAsInt() < 1 || runs.getAsInt() > 100)) {
      throw new IllegalArgumentException("runs are 1 to 100, were " + runs.getAsInt());
    }
  }
}
