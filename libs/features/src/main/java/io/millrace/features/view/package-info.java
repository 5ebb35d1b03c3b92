// SPDX-License-Identifier: Apache-2.0
/** Feature views compiled to tiles of mergeable partial aggregates, and their state per entity. */
@NullMarked
package io.millrace.features.view;

import org.jspecify.annotations.NullMarked;
