// SPDX-License-Identifier: Apache-2.0
/** HTTP: prediction endpoints, the Open Inference Protocol, and the clients of other services. */
@NullMarked
package io.millrace.inference.adapter.http;

import org.jspecify.annotations.NullMarked;
