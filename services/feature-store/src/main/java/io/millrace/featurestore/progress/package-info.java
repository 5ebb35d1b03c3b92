// SPDX-License-Identifier: Apache-2.0
/** How far the service is, and what it measures. */
@NullMarked
package io.millrace.featurestore.progress;

import org.jspecify.annotations.NullMarked;
