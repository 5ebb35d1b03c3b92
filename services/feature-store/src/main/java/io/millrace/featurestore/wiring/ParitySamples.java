// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import io.millrace.featurestore.online.ServedRows;
import io.millrace.featurestore.parity.ParityCheck.Served;
import io.millrace.featurestore.parity.ParityMeter;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lets the parity meter check what is served online for its sample of the keys. */
record ParitySamples(ParityMeter parity, InstantSource clock) implements ServedRows {
  private static final ParityMeter.Origin ONLINE = new ParityMeter.Origin("online", "");

  @Override
  public boolean wants(String app, String key) {
    return parity.wants(app, key);
  }

  @Override
  public void served(
      String app, Map<String, Long> states, long momentMs, Map<String, @Nullable Object> features) {
    parity.offer(app, new Served(states, momentMs, features), clock.millis(), ONLINE);
  }
}
