// SPDX-License-Identifier: Apache-2.0
/** From a question to a prediction: features, scoring, fallback, batching. */
@NullMarked
package io.millrace.inference.serving;

import org.jspecify.annotations.NullMarked;
