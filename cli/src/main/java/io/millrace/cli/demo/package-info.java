// SPDX-License-Identifier: Apache-2.0
/**
 * The demonstration: the yarn shop against a stack, judged by the truth that only the shop knows.
 */
@NullMarked
package io.millrace.cli.demo;

import org.jspecify.annotations.NullMarked;
