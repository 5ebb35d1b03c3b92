// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.featurestore.dataset.DatasetPlan.FieldColumn;
import io.millrace.featurestore.history.Moment;
import io.millrace.featurestore.history.MomentStore;
import io.millrace.featurestore.label.LabelRule;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The labelled moments of an application, in order of (moment, id).
 *
 * <p>Among moments whose window is still open those with a positive event have their label already
 * and the others have none: taken together they would be all positive. So what counts is whether
 * the window is closed, never whether there is a label.
 */
final class LabelledMoments implements SpineSource {
  private final MomentStore moments;
  private final LabelRule rule;
  private final DatasetPlan plan;
  private final DatasetRequest request;

  LabelledMoments(MomentStore moments, LabelRule rule, DatasetPlan plan, DatasetRequest request) {
    this.moments = moments;
    this.rule = rule;
    this.plan = plan;
    this.request = request;
  }

  @Override
  public List<String> extras() {
    return List.of();
  }

  @Override
  public void read(Consumer<Spine.Row> rows) {
    long from = request.fromMs() == null ? Long.MIN_VALUE / 2 : request.fromMs();
    long to = request.toMs() == null ? Long.MAX_VALUE / 2 : request.toMs();
    List<FieldColumn> fields = List.copyOf(plan.fields().values());
    Map<Integer, Long> closed =
        rule.isJoined() ? moments.closed(rule.app(), rule.hash()) : Map.of();
    moments.read(
        rule.app(),
        rule.hash(),
        from,
        to,
        moment -> {
          Moment.MomentLabel label = moment.label();
          boolean open =
              rule.isJoined()
                  && rule.closesAt(moment.momentMs())
                      >= closed.getOrDefault(moment.partition(), Long.MIN_VALUE);
          if (label == null || open || !request.asksFor(moment.momentMs())) {
            return;
          }
          @Nullable Object[] values = new Object[fields.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = moment.data().get(fields.get(i).field());
          }
          rows.accept(
              new Spine.Row(
                  moment.id(),
                  moment.momentMs(),
                  moment.knownAtMs(),
                  plan.keys(moment.entities()),
                  label.value(),
                  label.provenance(),
                  1,
                  values));
        });
  }

  @Override
  public long decidedBy(long momentMs) {
    return rule.decidedBy(momentMs);
  }
}
