// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.wiring;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is special to this service.
 *
 * @param instance name that stays the same over restarts and differs between instances
 * @param requestFeatureDeadline how long a request waits for features
 * @param eventFeatureDeadline how long an event waits for features
 * @param modelRetry pause before a failed download is tried again
 */
@ConfigurationProperties("millrace.inference")
record InferenceProperties(
    String instance,
    @DefaultValue("150ms") Duration requestFeatureDeadline,
    @DefaultValue("2s") Duration eventFeatureDeadline,
    @DefaultValue("1s") Duration modelRetry) {}
