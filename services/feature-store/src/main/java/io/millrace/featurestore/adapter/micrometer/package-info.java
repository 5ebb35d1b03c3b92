// SPDX-License-Identifier: Apache-2.0
/** Measurements as Prometheus metrics. */
@NullMarked
package io.millrace.featurestore.adapter.micrometer;

import org.jspecify.annotations.NullMarked;
