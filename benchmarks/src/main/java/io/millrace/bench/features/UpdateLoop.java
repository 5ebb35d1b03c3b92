// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.features.view.ByteWriter;
import io.millrace.features.view.SegmentSink;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What JMH runs: the next event of one busy key into 18 features. */
@State(Scope.Thread)
public class UpdateLoop {
  /**
   * {@code nothing}, {@code read}: of the features as of the event, {@code store}: of what changed.
   */
  @Param("nothing")
  public String then = "";

  private final ViewPlan plan = PaymentEvents.plan();
  private final PaymentEvents events = new PaymentEvents();
  private final double[] features = new double[plan.size()];
  private final Count stored = new Count();
  private final ByteWriter scratch = new ByteWriter();
  private ViewState state = plan.newState();
  private int next;
  private long timeMs = PaymentEvents.NOW_MS;

  /** Takes what would be stored and counts it. */
  static final class Count implements SegmentSink {
    private long bytes;

    @Override
    public void head(byte[] head, int length) {
      bytes += length;
    }

    @Override
    public void put(int part, long block, byte[] segment, int length) {
      bytes += length;
    }

    @Override
    public void remove(int part, long block) {
      // Costs nothing.
    }
  }

  /** A state that is as large as it will be. */
  @Setup
  public void prepare() {
    state = events.state(plan);
    plan.encodeChanges(state, scratch, stored);
  }

  /** One update. */
  @Benchmark
  public double[] update() {
    plan.update(state, events.get(next), timeMs);
    next = next + 1 == events.size() ? 0 : next + 1;
    timeMs += PaymentEvents.STEP_MS;
    switch (then) {
      case "read" -> plan.readDoubles(state, timeMs, features, 0);
      case "store" -> plan.encodeChanges(state, scratch, stored);
      default -> {
        // The update alone.
      }
    }
    return features;
  }

  /** Mean bytes that an update rewrites, over a day. */
  double bytesAnUpdate() {
    prepare();
    then = "store";
    long before = stored.bytes;
    int updates = events.size() / 7;
    for (int i = 0; i < updates; i++) {
      update();
    }
    return (double) (stored.bytes - before) / updates;
  }
}
