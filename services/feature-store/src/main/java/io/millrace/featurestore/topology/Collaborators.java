// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.history.MomentStore;
import io.millrace.featurestore.history.Settling;
import io.millrace.featurestore.online.OnlineStore;
import io.millrace.featurestore.progress.Measures;
import io.millrace.featurestore.progress.ProgressBoard;
import io.opentelemetry.api.trace.Tracer;
import java.time.InstantSource;

/** What processors work with; all thread-safe. */
public record Collaborators(
    OnlineStore online,
    HistoryWriter history,
    Settling settling,
    MomentStore moments,
    Measures measures,
    ProgressBoard board,
    StateBudget budget,
    Tracer tracer,
    InstantSource clock) {}
