// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Where one instance asks all others to bring into the history what they hold back, and they say
 * that they have. What is left behind by an instance that ended goes after an hour. Thread-safe.
 */
public interface SettlingStore {
  /** Asks. Completes when every instance can read it. */
  CompletionStage<Void> request(String app, String request);

  /** Outstanding requests of an application → the parts that have answered. */
  CompletionStage<Map<String, Set<String>>> read(String app);

  /** Answers a request for a part of the application's features. */
  CompletionStage<Void> answer(String app, String request, String part);

  /** Takes a request back; nobody waits for it any more. */
  CompletionStage<Void> end(String app, String request);
}
