// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Someone asks for a training run, on {@code <app>.training}. Key: run id; a run id is run once.
 *
 * @param requestedBy {@code user}, {@code monitor}, {@code schedule}
 * @param reason for people
 * @param fromMs earliest prediction moment wanted; absent means all
 * @param toMs latest prediction moment wanted, exclusive; absent means all
 * @param options overrides: {@code algorithm}, {@code trials}, {@code seed}
 */
public record TrainingRequested(
    String app,
    String runId,
    String requestedBy,
    String reason,
    @Nullable Long fromMs,
    @Nullable Long toMs,
    Map<String, String> options,
    long requestedAtMs) {
  public TrainingRequested {
    options = Map.copyOf(options);
  }
}
