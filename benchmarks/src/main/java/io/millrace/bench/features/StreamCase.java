// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.common.contract.Event;
import java.util.function.Consumer;

/**
 * Events for the feature topology, and the application that they belong to.
 *
 * @param app its name
 * @param event kind of its events
 * @param definition the application file
 * @param source gives all events in order
 */
record StreamCase(String app, String event, String definition, Source source) {
  /** Makes the events anew each time. */
  @FunctionalInterface
  interface Source {
    void each(Consumer<Event> sink);
  }
}
