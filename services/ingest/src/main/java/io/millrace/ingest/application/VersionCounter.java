// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.application;

/** Remembers the last version of an application beyond its deletion. */
public interface VersionCounter {
  /** The last version, 0 where there was none. */
  int last(String app);

  void note(String app, int version);
}
