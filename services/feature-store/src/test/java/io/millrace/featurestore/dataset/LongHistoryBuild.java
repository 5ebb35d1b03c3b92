// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.datasets.DatasetManifest;
import io.millrace.features.pit.KnownEvent;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStoreOf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A process with a small heap that builds a dataset of one customer with a long history, whose
 * orders are made as they are read: one a second, of 1 each.
 */
final class LongHistoryBuild {
  private LongHistoryBuild() {}

  /** When an order is made. */
  static long timeMs(long seq) {
    return Definitions.T0 + seq * 1_000;
  }

  /** Folder, id of the spine, and how many orders. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[0]);
    int orders = Integer.parseInt(arguments[2]);
    SpineFixture fixture = new SpineFixture();
    DatasetManifest manifest =
        fixture.build(
            new HistoryStoreOf(fixture.stores) {
              @Override
              public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
                boolean wantsMore = true;
                for (int seq = 1; seq <= orders && wantsMore; seq++) {
                  wantsMore =
                      reader.test(
                          new HistoricEvent(
                              seq,
                              new KnownEvent(
                                  timeMs(seq),
                                  timeMs(seq),
                                  "o" + seq,
                                  Map.of("customer", key.key(), "amount", 1.0))));
                }
              }
            },
            folder,
            arguments[1]);
    System.out.println(manifest.rows() + " rows");
  }
}
