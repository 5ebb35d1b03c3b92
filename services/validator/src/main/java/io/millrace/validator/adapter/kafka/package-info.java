// SPDX-License-Identifier: Apache-2.0
/** Candidates in, verdicts on models out. */
@NullMarked
package io.millrace.validator.adapter.kafka;

import org.jspecify.annotations.NullMarked;
