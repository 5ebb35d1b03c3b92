// SPDX-License-Identifier: Apache-2.0
/** API keys, problem details and limits of every HTTP endpoint. */
@NullMarked
package io.millrace.chassis.http;

import org.jspecify.annotations.NullMarked;
