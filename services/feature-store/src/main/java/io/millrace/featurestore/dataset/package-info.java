// SPDX-License-Identifier: Apache-2.0
/** Point-in-time-correct datasets built from moments and history. */
@NullMarked
package io.millrace.featurestore.dataset;

import org.jspecify.annotations.NullMarked;
