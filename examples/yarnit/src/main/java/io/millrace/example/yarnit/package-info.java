// SPDX-License-Identifier: Apache-2.0
/**
 * A simulated yarn shop whose truth is known: world, traffic, faults and the books kept of them.
 */
@NullMarked
package io.millrace.example.yarnit;

import org.jspecify.annotations.NullMarked;
