// SPDX-License-Identifier: Apache-2.0
/** Alerts that the feature store itself raises: parity and freshness. */
@NullMarked
package io.millrace.featurestore.alert;

import org.jspecify.annotations.NullMarked;
