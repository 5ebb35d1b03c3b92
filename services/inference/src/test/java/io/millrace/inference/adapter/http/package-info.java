// SPDX-License-Identifier: Apache-2.0
/** Tests of this package. */
@NullMarked
package io.millrace.inference.adapter.http;

import org.jspecify.annotations.NullMarked;
