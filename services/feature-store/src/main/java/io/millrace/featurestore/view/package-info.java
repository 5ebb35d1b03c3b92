// SPDX-License-Identifier: Apache-2.0
/** Feature views compiled into groups that share a state, and feature sets compiled for reading. */
@NullMarked
package io.millrace.featurestore.view;

import org.jspecify.annotations.NullMarked;
