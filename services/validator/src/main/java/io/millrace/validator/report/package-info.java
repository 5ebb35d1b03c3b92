// SPDX-License-Identifier: Apache-2.0
/** The page on which a person reads what was found in one span of data. */
@NullMarked
package io.millrace.validator.report;

import org.jspecify.annotations.NullMarked;
