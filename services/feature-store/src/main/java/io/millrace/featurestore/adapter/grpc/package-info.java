// SPDX-License-Identifier: Apache-2.0
/** Online features over gRPC. */
@NullMarked
package io.millrace.featurestore.adapter.grpc;

import org.jspecify.annotations.NullMarked;
