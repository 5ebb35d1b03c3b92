// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;

/** Takes the events of a part of a group on their way to the history. Not thread-safe. */
interface Journal {
  /** For events that the history has already. */
  Journal NONE =
      new Journal() {
        @Override
        public void add(String key, long seq, Event event, byte[] raw) {}

        @Override
        public boolean isFull() {
          return false;
        }

        @Override
        public void makeRoom(long nowMs) {}

        @Override
        public void store(long nowMs) {}

        @Override
        public void beforeCommit() {}
      };

  /** Adds the event that made a state's version {@code seq}; 0 where it came too late for that. */
  void add(String key, long seq, Event event, byte[] raw);

  /** Whether more is held than should be: see {@link #makeRoom}. */
  boolean isFull();

  /** To be called before the next event where too much is held; may wait a while. */
  void makeRoom(long nowMs);

  /** Puts all events into the task's store: before any state that they made. */
  void store(long nowMs);

  /** Removes from the store what the history has. */
  void beforeCommit();
}
