// SPDX-License-Identifier: Apache-2.0
/** Which model versions are loaded and which one answers. */
@NullMarked
package io.millrace.inference.model;

import org.jspecify.annotations.NullMarked;
