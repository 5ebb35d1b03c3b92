// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous prediction request, on {@code <app>.requests}. Key: entity key.
 *
 * @param requestId becomes the prediction id
 * @param entities entity → key, in clear: a plain value, or an object of its parts
 * @param request field → value, as the deciding event would carry
 * @param atMs event time of the question; absent means now
 */
public record PredictionRequested(
    String app,
    String requestId,
    Map<String, Object> entities,
    Map<String, Object> request,
    @Nullable Long atMs) {}
