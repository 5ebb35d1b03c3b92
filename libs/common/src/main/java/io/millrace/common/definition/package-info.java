// SPDX-License-Identifier: Apache-2.0
/** The application file as records: what a team declares, in the words of the file. */
@NullMarked
package io.millrace.common.definition;

import org.jspecify.annotations.NullMarked;
