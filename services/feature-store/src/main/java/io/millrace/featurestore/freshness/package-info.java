// SPDX-License-Identifier: Apache-2.0
/** Whether what is served is as new as its owner asked for. */
@NullMarked
package io.millrace.featurestore.freshness;

import org.jspecify.annotations.NullMarked;
