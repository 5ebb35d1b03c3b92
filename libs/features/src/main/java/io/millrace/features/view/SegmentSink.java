// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * Where the changes of a state go, see {@link ViewPlan#encodeChanges}. The arrays are the encoder's
 * own and valid during the call only.
 */
public interface SegmentSink {
  /** The state's head, which every update changes; replaces the former one. */
  void head(byte[] bytes, int length);

  /**
   * A segment that is new or has changed; replaces the former one of the same part and block.
   *
   * @param part which part of the state, from 0
   * @param block which segment of the part; segments of a part may have any numbers
   */
  void put(int part, long block, byte[] bytes, int length);

  /** A segment that is not needed any more. It may never have been stored. */
  void remove(int part, long block);
}
