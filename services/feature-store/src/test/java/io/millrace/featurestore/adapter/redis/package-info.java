// SPDX-License-Identifier: Apache-2.0
/** The online store in Redis. */
@NullMarked
package io.millrace.featurestore.adapter.redis;

import org.jspecify.annotations.NullMarked;
