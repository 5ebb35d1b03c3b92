// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.ReferenceProfile;
import java.util.Optional;

/** Where the distributions that a version was trained on come from. */
public interface ReferenceProfiles {
  /** The profile, or empty while it cannot be had; never blocks for longer than a few seconds. */
  Optional<ReferenceProfile> find(String app, String version);
}
