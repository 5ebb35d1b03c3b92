// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A process that begins a build and gets no further than so many keys; to be killed. */
final class CutOffBuild {
  private CutOffBuild() {}

  /** Folder, id of the spine, and after how many keys nothing goes on. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[0]);
    int keys = Integer.parseInt(arguments[2]);
    SpineFixture fixture = new SpineFixture();
    AtomicInteger read = new AtomicInteger();
    CountDownLatch never = new CountDownLatch(1);
    fixture.build(
        new CountedHistory(fixture.stores) {
          @Override
          public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
            if (read.incrementAndGet() > keys) {
              try {
                Files.writeString(folder.resolve("stuck"), "");
                never.await();
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            }
            super.read(key, afterSeq, reader);
          }
        },
        folder,
        arguments[1]);
  }
}
