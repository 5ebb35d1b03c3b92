// SPDX-License-Identifier: Apache-2.0
/** Tests of packages, preprocessing and loaded models. */
@NullMarked
package io.millrace.models;

import org.jspecify.annotations.NullMarked;
