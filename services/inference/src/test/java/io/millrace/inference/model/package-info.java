// SPDX-License-Identifier: Apache-2.0
/** Tests of this package. */
@NullMarked
package io.millrace.inference.model;

import org.jspecify.annotations.NullMarked;
