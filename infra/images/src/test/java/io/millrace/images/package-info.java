// SPDX-License-Identifier: Apache-2.0
/** Reads the files of the container stack and compares them with the services' configuration. */
@NullMarked
package io.millrace.images;

import org.jspecify.annotations.NullMarked;
