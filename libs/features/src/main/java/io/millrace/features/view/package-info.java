// SPDX-License-Identifier: Apache-2.0
/**
 * Feature views compiled to tiles of mergeable partial aggregates, and their state per entity.
 *
 * <p>{@link io.millrace.features.view.ViewPlan} is the way in, {@link
 * io.millrace.features.view.ViewState} what it works on. Behind them, in the order in which they
 * are best read:
 *
 * <ul>
 *   <li><b>Compiling a definition.</b> PlanCompiler checks it and lays out rings; FeatureBuilder
 *       and FeatureContext choose for each Aggregate its Partials and its Finaliser; the results
 *       are FeaturePlan, ReadGroup and Inputs.
 *   <li><b>Time.</b> A Window is a range of tiles of a Grid; Durations reads both.
 *   <li><b>State.</b> Tiles are the numbers, a Ring says what they mean, BlockChanges which were
 *       touched.
 *   <li><b>Aggregates.</b> A Partial starts, updates, merges and writes its cells: the classes that
 *       end so, ByCategory, and those that keep an object per tile (RefPartial): KllSketch,
 *       DistinctSet, CategoryCounts, RankedList, TimedList, Streak. SlidingDistinct and
 *       SlidingHyperLogLog serve a whole ring. Canonical and Hashing make values comparable.
 *   <li><b>Bytes.</b> StateCodec writes a state whole or as Segments, TileCodec its tiles,
 *       SlidingDistinctCodec its distinct values; CellWriter and CellReader columns of cells, on
 *       ByteWriter and ByteReader.
 * </ul>
 */
@NullMarked
package io.millrace.features.view;

import org.jspecify.annotations.NullMarked;
