// SPDX-License-Identifier: Apache-2.0
/** The applications in force, as every service sees them. */
@NullMarked
package io.millrace.chassis.registry;

import org.jspecify.annotations.NullMarked;
