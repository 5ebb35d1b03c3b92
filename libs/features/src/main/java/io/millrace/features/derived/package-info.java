// SPDX-License-Identifier: Apache-2.0
/** Features computed on demand from other features and request fields. */
@NullMarked
package io.millrace.features.derived;

import org.jspecify.annotations.NullMarked;
