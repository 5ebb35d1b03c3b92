// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * A stored segment of a state.
 *
 * @param part as it was given to {@link SegmentSink#put}
 * @param block as it was given to {@link SegmentSink#put}
 */
public record Segment(int part, long block, byte[] bytes) {}
