// SPDX-License-Identifier: Apache-2.0
/** How records become bytes: JSON, and CloudEvents 1.0 in Kafka's binary mode. */
@NullMarked
package io.millrace.common.serde;

import org.jspecify.annotations.NullMarked;
