// SPDX-License-Identifier: Apache-2.0
/** The whole of Millrace as processes, and what must hold whatever happens to them. */
@NullMarked
package io.millrace.system;

import org.jspecify.annotations.NullMarked;
