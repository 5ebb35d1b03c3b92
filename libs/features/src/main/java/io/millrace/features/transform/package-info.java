// SPDX-License-Identifier: Apache-2.0
/** Preprocessing fitted once on training rows and applied unchanged by trainer and inference. */
@NullMarked
package io.millrace.features.transform;

import org.jspecify.annotations.NullMarked;
