// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

/**
 * A column of a dataset.
 *
 * @param name unique within the dataset, for example {@code prediction_id} or {@code
 *     user.clicks_1h}
 */
public record Column(String name, ColumnType type) {}
