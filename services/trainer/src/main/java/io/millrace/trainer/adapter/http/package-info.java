// SPDX-License-Identifier: Apache-2.0
/** The trainer's HTTP API, and the feature store over HTTP. */
@NullMarked
package io.millrace.trainer.adapter.http;

import org.jspecify.annotations.NullMarked;
