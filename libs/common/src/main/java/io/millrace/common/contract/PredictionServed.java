// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A prediction, on {@code <app>.predictions}. Key: key of the deciding event's primary entity. One
 * prediction id has one prediction per model version; redelivery repeats it unchanged.
 *
 * @param predictionId id of the deciding event or of the request
 * @param score probability of the positive class, or the regression value
 * @param role {@code champion}, {@code canary} or {@code shadow}
 * @param features input name → value as the model saw it ({@code null} values are left out)
 * @param states {@code view:key} → number of events applied to that state when it was read (the
 *     state version that lets the vector be recomputed from history)
 * @param momentMs event time at which features were read
 * @param servedAtMs wall clock
 * @param latencyMs from the deciding event's acceptance, or the request's arrival, to this answer
 * @param source {@code event}, {@code request} or {@code async}
 * @param fallback why features are not fresh ({@code feature-store-timeout}, …); absent normally
 */
public record PredictionServed(
    String app,
    String predictionId,
    Map<String, String> entities,
    String modelVersion,
    String role,
    double score,
    Map<String, Object> features,
    Map<String, Long> states,
    long momentMs,
    long servedAtMs,
    double latencyMs,
    String source,
    @Nullable String fallback) {}
