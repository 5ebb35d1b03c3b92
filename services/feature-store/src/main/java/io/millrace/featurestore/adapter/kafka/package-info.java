// SPDX-License-Identifier: Apache-2.0
/** The life of streams applications: started, rolled over, paused and removed with definitions. */
@NullMarked
package io.millrace.featurestore.adapter.kafka;

import org.jspecify.annotations.NullMarked;
