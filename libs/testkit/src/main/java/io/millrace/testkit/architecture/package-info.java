// SPDX-License-Identifier: Apache-2.0
/** Who may depend on what, as rules that each service's tests check. */
@NullMarked
package io.millrace.testkit.architecture;

import org.jspecify.annotations.NullMarked;
