// SPDX-License-Identifier: Apache-2.0
/** Tests of the validator's HTTP clients. */
@NullMarked
package io.millrace.validator.adapter.http;

import org.jspecify.annotations.NullMarked;
