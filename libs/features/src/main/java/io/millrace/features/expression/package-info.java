// SPDX-License-Identifier: Apache-2.0
/** CEL expressions over event fields, type-checked and compiled once, evaluated without boxing. */
@NullMarked
package io.millrace.features.expression;

import org.jspecify.annotations.NullMarked;
