// SPDX-License-Identifier: Apache-2.0
/**
 * What crosses a topic between services: immutable records, past-tense events, validated on
 * construction.
 */
@NullMarked
package io.millrace.common.contract;

import org.jspecify.annotations.NullMarked;
