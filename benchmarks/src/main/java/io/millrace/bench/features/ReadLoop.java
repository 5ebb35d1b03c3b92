// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.features.view.ByteReader;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What JMH runs: a read of 18 features of one busy key, as the online store serves it. */
@State(Scope.Thread)
public class ReadLoop {
  /**
   * {@code tiles}: from the stored bytes. {@code events}: from the events of a week. {@code
   * memory}: from a state that is decoded already.
   */
  @Param("tiles")
  public String from = "";

  private final ViewPlan plan = PaymentEvents.plan();
  private final PaymentEvents events = new PaymentEvents();
  private final double[] features = new double[plan.size()];
  private final ByteReader reader = new ByteReader();
  private ViewState state = plan.newState();
  private byte[] stored = {};

  /** Makes a week of events and the bytes that the online store would hold. */
  @Setup
  public void prepare() {
    stored = plan.encode(events.state(plan));
    state = plan.decode(stored);
  }

  /** One read. */
  @Benchmark
  public double[] read() {
    ViewState read = state;
    if (from.equals("tiles")) {
      reader.reset(stored, 0, stored.length);
      plan.decodeInto(state, reader, 0);
    } else if (from.equals("events")) {
      read = events.state(plan);
    }
    plan.readDoubles(read, PaymentEvents.NOW_MS, features, 0);
    return features;
  }

  /** Bytes of the state as stored. */
  int storedBytes() {
    return stored.length;
  }
}
