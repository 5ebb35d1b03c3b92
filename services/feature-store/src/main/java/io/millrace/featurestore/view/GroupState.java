// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import io.millrace.features.view.ViewState;

/** The views of a group for one entity key. Mutable; not thread-safe. */
public final class GroupState {
  final ViewState[] views;
  long seq;
  long lastEventTimeMs = Long.MIN_VALUE;

  GroupState(ViewState[] views) {
    this.views = views;
  }

  /** Number of events applied: the version of the state. */
  public long seq() {
    return seq;
  }

  /** Greatest event time applied, ms since the epoch; {@link Long#MIN_VALUE} before any. */
  public long lastEventTimeMs() {
    return lastEventTimeMs;
  }

  /** The state of one view, for reading. */
  public ViewState view(int index) {
    return views[index];
  }
}
