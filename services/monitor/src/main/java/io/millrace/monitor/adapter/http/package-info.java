// SPDX-License-Identifier: Apache-2.0
/** HTTP: the JSON behind the console, and the clients of other services. */
@NullMarked
package io.millrace.monitor.adapter.http;

import org.jspecify.annotations.NullMarked;
