// SPDX-License-Identifier: Apache-2.0
/** What a user declares about events and features: plain immutable records, checked elsewhere. */
@NullMarked
package io.millrace.features.definition;

import org.jspecify.annotations.NullMarked;
