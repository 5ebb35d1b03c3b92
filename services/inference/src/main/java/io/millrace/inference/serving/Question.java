// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.serving;

import java.util.Map;

/**
 * What is to be predicted.
 *
 * @param predictionId id of the deciding event or of the request
 * @param entities entity → key, personal ones as pseudonyms
 * @param request field of the deciding event → String, Long, Double or Boolean
 * @param momentMs event time as of which features are read
 * @param receivedAtMs wall clock at which the event was accepted or the request arrived
 */
public record Question(
    String predictionId,
    Map<String, String> entities,
    Map<String, Object> request,
    long momentMs,
    long receivedAtMs) {}
