// SPDX-License-Identifier: Apache-2.0
/** Application files: from text to a checked definition, or to everything that is wrong with it. */
@NullMarked
package io.millrace.common.application;

import org.jspecify.annotations.NullMarked;
