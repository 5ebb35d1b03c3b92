// SPDX-License-Identifier: Apache-2.0
/** The command line: its entry and what all commands have in common. */
@NullMarked
package io.millrace.cli;

import org.jspecify.annotations.NullMarked;
