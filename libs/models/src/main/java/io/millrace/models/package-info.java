// SPDX-License-Identifier: Apache-2.0
/** Model versions as self-describing packages, and what it takes to score rows with one. */
@NullMarked
package io.millrace.models;

import org.jspecify.annotations.NullMarked;
