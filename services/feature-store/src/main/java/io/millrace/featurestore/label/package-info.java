// SPDX-License-Identifier: Apache-2.0
/** What the label of a prediction moment is and when it is known. */
@NullMarked
package io.millrace.featurestore.label;

import org.jspecify.annotations.NullMarked;
