// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.kafka;

import io.millrace.inference.serving.Question;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/**
 * A question from a topic.
 *
 * @param key record key of its prediction
 * @param context trace that it belongs to
 */
record Incoming(Question question, @Nullable String key, Context context) {}
