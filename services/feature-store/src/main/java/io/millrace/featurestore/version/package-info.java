// SPDX-License-Identifier: Apache-2.0
/** Versions of features and labels that several instances begin and end together. */
@NullMarked
package io.millrace.featurestore.version;

import org.jspecify.annotations.NullMarked;
