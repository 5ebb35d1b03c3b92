// SPDX-License-Identifier: Apache-2.0
/** Keyed hashing of personal values and comparison of API keys. */
@NullMarked
package io.millrace.common.security;

import org.jspecify.annotations.NullMarked;
