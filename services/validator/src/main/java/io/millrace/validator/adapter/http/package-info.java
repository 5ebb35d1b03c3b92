// SPDX-License-Identifier: Apache-2.0
/** The HTTP interface and the clients of other services. */
@NullMarked
package io.millrace.validator.adapter.http;

import org.jspecify.annotations.NullMarked;
