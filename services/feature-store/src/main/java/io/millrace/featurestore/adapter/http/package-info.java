// SPDX-License-Identifier: Apache-2.0
/** The HTTP API. */
@NullMarked
package io.millrace.featurestore.adapter.http;

import org.jspecify.annotations.NullMarked;
