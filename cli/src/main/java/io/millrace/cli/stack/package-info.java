// SPDX-License-Identifier: Apache-2.0
/** The whole of Millrace on this machine: three backends and six services as processes. */
@NullMarked
package io.millrace.cli.stack;

import org.jspecify.annotations.NullMarked;
