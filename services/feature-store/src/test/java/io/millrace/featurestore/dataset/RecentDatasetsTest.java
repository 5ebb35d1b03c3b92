// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.featurestore.adapter.file.JsonJobs;
import io.millrace.featurestore.dataset.DatasetJobs.Job;
import io.millrace.featurestore.dataset.DatasetJobs.Status;
import io.millrace.testkit.await.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people see of the datasets that were asked for. */
class RecentDatasetsTest {
  private static final int ASKED = 25;
  private static final int KEPT = 20;

  @TempDir Path folder;

  private final SpineFixture fixture = new SpineFixture();

  @Test
  void recent_moreThanAreKept_areThoseAskedForLast() throws IOException, Spines.TooLargeException {
    Spines spines = SpineFixture.spines(folder);
    DatasetRequest request = SpineFixture.request(SpineFixture.send(spines, SpineFixture.csv(3)));
    List<String> newestFirst = new ArrayList<>();
    try (DatasetJobs jobs =
        new DatasetJobs(
            new DatasetBuilder(
                fixture.stores,
                fixture.stores,
                spines,
                SpineFixture.kept(fixture.definition),
                1,
                Duration.ofMinutes(1),
                "test"),
            spines,
            new JsonJobs(folder.resolve("datasets")),
            app -> {},
            folder.resolve("datasets"))) {
      for (int i = 0; i < ASKED; i++) {
        newestFirst.addFirst(ask(jobs, request, i));
      }
      List<Job> recent = jobs.recent(SpineFixture.APP);
      assertThat(recent)
          .extracting(Job::datasetId)
          .containsExactlyElementsOf(newestFirst.subList(0, KEPT));
      assertThat(recent)
          .allSatisfy(
              job -> {
                assertThat(job.status()).isEqualTo(Status.READY);
                assertThat(job.rowsDone()).isEqualTo(3);
                assertThat(job.manifest()).isNull();
              });

      String again = ask(jobs, request, 3);
      assertThat(jobs.recent(SpineFixture.APP)).hasSize(KEPT);
      assertThat(jobs.recent(SpineFixture.APP).getFirst().datasetId()).isEqualTo(again);
      assertThat(jobs.recent("another")).isEmpty();
    }
  }

  /** Has a dataset built, of data of that version. */
  private String ask(DatasetJobs jobs, DatasetRequest request, int version) throws IOException {
    String id = jobs.submit(fixture.applied, fixture.generation, null, request, "v" + version);
    Await.until(
        () -> jobs.find(SpineFixture.APP, id).orElseThrow().status() == Status.READY,
        Duration.ofSeconds(60),
        () -> jobs.find(SpineFixture.APP, id).toString());
    return id;
  }
}
