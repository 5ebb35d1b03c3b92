// SPDX-License-Identifier: Apache-2.0
/** Datasets: Parquet files that any tool reads, with content hashes and a manifest. */
@NullMarked
package io.millrace.datasets;

import org.jspecify.annotations.NullMarked;
