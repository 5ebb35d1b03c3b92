// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.Event;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetManifest;
import io.millrace.featurestore.adapter.file.JsonJobs;
import io.millrace.featurestore.dataset.DatasetJobs.Status;
import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.view.ServingGenerations;
import io.millrace.testkit.await.Await;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Datasets for moments that somebody sends. */
class SpineDatasetTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int ROWS = 3_000;

  @TempDir Path folder;

  private final SpineFixture fixture = new SpineFixture();

  private Path into(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private DatasetManifest build(HistoryStore history, DatasetRequest request, Path target)
      throws IOException, InterruptedException {
    return new DatasetBuilder(
            fixture.stores,
            history,
            SpineFixture.spines(folder),
            SpineFixture.kept(fixture.definition),
            2,
            new Patience(Duration.ofMinutes(1), Duration.ofMillis(1)),
            "test")
        .build(
            "ds-000000000001",
            fixture.applied,
            fixture.generation,
            null,
            request,
            target,
            (phase, done, all) -> {});
  }

  private String sent(String csv) throws IOException, Spines.TooLargeException {
    return SpineFixture.send(SpineFixture.spines(folder), csv);
  }

  private double spend(String customer, long moment) {
    return spend(customer, moment, moment);
  }

  private double spend(String customer, long moment, long knownAt) {
    double sum = 0;
    for (Event order : fixture.orders) {
      // A window of 10 hours has tiles of a sixtieth of it; the oldest one counts as a whole.
      if (customer.equals(order.key())
          && order.knownAtMs() <= knownAt
          && order.eventTimeMs() <= moment
          && Math.floorDiv(order.eventTimeMs(), 600_000)
              >= Math.floorDiv(moment - 36_000_000, 600_000)) {
        sum += (double) order.data().get("amount");
      }
    }
    return sum;
  }

  @Test
  void build_fileOfMoments_keepsItsOrderAndColumnsAndEqualsTheOracle()
      throws IOException, InterruptedException, Spines.TooLargeException {
    String csv = SpineFixture.csv(ROWS);
    Path target = into("a");
    DatasetManifest manifest = build(fixture.stores, SpineFixture.request(sent(csv)), target);
    Dataset rows = Dataset.read(target.resolve("rows.parquet"));

    assertThat(rows.rows()).isEqualTo(ROWS);
    List<String> lines = csv.lines().skip(1).toList();
    for (int row = 0; row < ROWS; row++) {
      String[] cells = lines.get(row).split(",");
      long moment = Long.parseLong(cells[1]);
      assertThat(rows.texts("entity.customer")[row]).isEqualTo(cells[0]);
      assertThat(rows.integers("moment")[row]).isEqualTo(moment);
      assertThat(rows.texts("note")[row]).isEqualTo("note, " + row);
      assertThat(rows.numbers("score")[row]).isEqualTo(row + 0.5);
      assertThat(rows.numbers("label")[row]).isEqualTo(row % 10 == 0 ? 1 : 0);
      double got = rows.numbers("spend.sum_10h")[row];
      assertThat(Double.isNaN(got) ? 0 : got)
          .as("row " + row)
          .isCloseTo(spend(cells[0], moment), within(1e-9));
    }
    assertThat(manifest.labels().positives()).isEqualTo(ROWS / 10);
    assertThat(manifest.request()).containsKey("spine");
    try (var left = Files.list(target)) {
      assertThat(left.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("rows.parquet", "manifest.json");
    }
  }

  @Test
  void build_momentsKnownLongAfter_seesWhatCameLateAndNothingOfTheFuture()
      throws IOException, InterruptedException, Spines.TooLargeException {
    StringBuilder csv = new StringBuilder("customer,moment,known_at\n");
    List<Event> asked = fixture.orders.stream().filter(each -> each.id().endsWith("7")).toList();
    long later = Duration.ofDays(2).toMillis();
    asked.forEach(
        each ->
            csv.append(each.key())
                .append(',')
                .append(each.eventTimeMs())
                .append(',')
                .append(each.eventTimeMs() + later)
                .append('\n'));
    Path target = into("a");
    build(fixture.stores, SpineFixture.request(sent(csv.toString())), target);
    double[] got = Dataset.read(target.resolve("rows.parquet")).numbers("spend.sum_10h");
    int late = 0;
    for (int row = 0; row < asked.size(); row++) {
      String customer = Objects.requireNonNull(asked.get(row).key());
      long moment = asked.get(row).eventTimeMs();
      double expected = spend(customer, moment, moment + later);
      assertThat(got[row]).as("row " + row).isCloseTo(expected, within(1e-9));
      late += expected > spend(customer, moment) + 1e-6 ? 1 : 0;
    }
    assertThat(late).as("rows that see an event that came late").isPositive();
  }

  @Test
  void build_sameInputsTwice_givesTheSameBytes()
      throws IOException, InterruptedException, Spines.TooLargeException {
    DatasetRequest request = SpineFixture.request(sent(SpineFixture.csv(500)));
    build(fixture.stores, request, into("a"));
    build(fixture.stores, request, into("b"));
    assertThat(folder.resolve("a/rows.parquet"))
        .hasSameBinaryContentAs(folder.resolve("b/rows.parquet"));
    assertThat(folder.resolve("a/manifest.json"))
        .hasSameBinaryContentAs(folder.resolve("b/manifest.json"));
    DatasetRequest other = SpineFixture.request(sent(SpineFixture.csv(501)));
    DatasetManifest different = build(fixture.stores, other, into("c"));
    assertThat(different.contentHash())
        .isNotEqualTo(DatasetManifest.read(folder.resolve("a")).contentHash());
  }

  @Test
  void build_readByDuckDb_givesTheSameRows()
      throws IOException, InterruptedException, Spines.TooLargeException, SQLException {
    Path target = into("a");
    build(fixture.stores, SpineFixture.request(sent(SpineFixture.csv(ROWS))), target);
    Dataset rows = Dataset.read(target.resolve("rows.parquet"));
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT epoch_ms(moment), \"spend.sum_10h\", note, split FROM '"
                    + target.resolve("rows.parquet")
                    + "'")) {
      int row = 0;
      while (found.next()) {
        assertThat(found.getLong(1)).isEqualTo(rows.integers("moment")[row]);
        double spend = found.getDouble(2);
        assertThat(found.wasNull() ? Double.NaN : spend)
            .isEqualTo(rows.numbers("spend.sum_10h")[row]);
        assertThat(found.getString(3)).isEqualTo(rows.texts("note")[row]);
        assertThat(found.getString(4)).isEqualTo(rows.texts("split")[row]);
        row++;
      }
      assertThat(row).isEqualTo(ROWS);
    }
  }

  @Test
  void build_sameMomentsAsParquet_givesTheSameRows()
      throws IOException, InterruptedException, Spines.TooLargeException, SQLException {
    Path csv = folder.resolve("moments.csv");
    Path parquet = folder.resolve("moments.parquet");
    Files.writeString(csv, SpineFixture.csv(ROWS));
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT customer, make_timestamp(moment * 1000) AS moment, note, score, label FROM"
              + " '"
              + csv
              + "') TO '"
              + parquet
              + "' (FORMAT parquet)");
    }
    Spines spines = SpineFixture.spines(folder);
    String id;
    try (InputStream in = Files.newInputStream(parquet)) {
      id = spines.put(SpineFixture.APP, in, 1 << 24).id();
    }
    DatasetManifest fromParquet = build(fixture.stores, SpineFixture.request(id), into("a"));
    DatasetManifest fromCsv =
        build(fixture.stores, SpineFixture.request(sent(SpineFixture.csv(ROWS))), into("b"));
    assertThat(fromParquet.columns()).isEqualTo(fromCsv.columns());
    assertThat(fromParquet.contentHash()).isEqualTo(fromCsv.contentHash());
  }

  @Test
  void build_processKilledInTheMiddle_goesOnFromTheChunksThatAreDone()
      throws IOException, InterruptedException, Spines.TooLargeException {
    String spine = sent(SpineFixture.csv(ROWS));
    int before = 150;
    Process process = java(CutOffBuild.class, "2g", spine, Integer.toString(before));
    Await.until(
        () -> {
          assertThat(process.isAlive()).as(Files.readString(folder.resolve("log"))).isTrue();
          return Files.exists(folder.resolve("stuck"));
        },
        LIMIT,
        () -> "the build does not get to its " + before + "th key");
    process.destroyForcibly().waitFor();

    CountedHistory history = new CountedHistory(fixture.stores);
    DatasetManifest resumed = build(history, SpineFixture.request(spine), folder.resolve("build"));
    CountedHistory all = new CountedHistory(fixture.stores);
    DatasetManifest whole = build(all, SpineFixture.request(spine), into("whole"));

    assertThat(resumed).isEqualTo(whole);
    assertThat(history.asked.size()).isEqualTo(all.asked.size() - before / 32 * 32);
  }

  /** Another process on the folder of the test. */
  private Process java(Class<?> main, String heap, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx" + heap,
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            folder.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  /** Two million events of one customer are several times the heap, however they are kept. */
  @Test
  void build_keyWithAHistoryLargerThanTheHeap_isReadInPassing()
      throws IOException, InterruptedException, Spines.TooLargeException {
    int orders = 2_000_000;
    StringBuilder csv = new StringBuilder("customer,moment,known_at\n");
    int[] before = new int[100];
    for (int row = 0; row < before.length; row++) {
      before[row] = 1 + row * 19_001;
      long moment = LongHistoryBuild.timeMs(before[row]);
      // Every tenth looks back from the end: what came after its moment must not be seen.
      long known = row % 10 == 3 ? LongHistoryBuild.timeMs(orders) : moment;
      csv.append("c1,%d,%d\n".formatted(moment, known));
    }
    Process process =
        java(LongHistoryBuild.class, "128m", sent(csv.toString()), Integer.toString(orders));

    try {
      Await.until(() -> !process.isAlive(), LIMIT, () -> "the build does not end");
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("log"))).isZero();
    Dataset rows = Dataset.read(folder.resolve("build").resolve(DatasetBuilder.ROWS));
    for (int row = 0; row < before.length; row++) {
      // One order of 1 a second; the tail of the window is a tile of ten minutes.
      double inWindow = Math.min(before[row], 36_000);
      assertThat(rows.numbers("spend.sum_10h")[row])
          .as("row " + row)
          .isBetween(inWindow, before[row] > 36_000 ? 36_600 : inWindow);
    }
  }

  @Test
  void build_storeAwayInTheMiddle_waitsForItAndLosesNothing()
      throws IOException, InterruptedException, Spines.TooLargeException {
    AtomicInteger reads = new AtomicInteger();
    HistoryStore failing =
        new CountedHistory(fixture.stores) {
          @Override
          public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
            if (reads.incrementAndGet() % 40 < 10) {
              super.read(
                  key,
                  afterSeq,
                  row -> {
                    if (reader.test(row)) {
                      throw new StoreUnavailableException("away", null);
                    }
                    return false;
                  });
            }
            super.read(key, afterSeq, reader);
          }
        };
    DatasetRequest request = SpineFixture.request(sent(SpineFixture.csv(ROWS)));
    assertThat(build(failing, request, into("a")))
        .isEqualTo(build(fixture.stores, request, into("b")));
  }

  @Test
  void build_sampledAndThinnedNegatives_keepsWholeKeysAndWeighsWhatIsLeft()
      throws IOException, InterruptedException, Spines.TooLargeException {
    String spine = sent(SpineFixture.csv(ROWS));
    DatasetRequest all = SpineFixture.request(spine);
    build(fixture.stores, all, into("all"));
    build(
        fixture.stores,
        new DatasetRequest(
            null, null, null, 0.25, spine, null, null, 0.5, "customer", 0.25, "group", "customer"),
        into("some"));
    Dataset some = Dataset.read(folder.resolve("some/rows.parquet"));
    Dataset whole = Dataset.read(folder.resolve("all/rows.parquet"));

    Set<String> kept = new HashSet<>(List.of(some.texts("entity.customer")));
    double weight = 0;
    int positives = 0;
    Map<String, String> splits = new java.util.HashMap<>();
    for (int row = 0; row < some.rows(); row++) {
      boolean positive = some.numbers("label")[row] == 1;
      assertThat(some.numbers("weight")[row]).isEqualTo(positive ? 1 : 4);
      weight += some.numbers("weight")[row];
      positives += positive ? 1 : 0;
      String customer = Objects.requireNonNull(some.texts("entity.customer")[row]);
      String split = Objects.requireNonNull(some.texts("split")[row]);
      assertThat(splits.getOrDefault(customer, split)).as(customer).isEqualTo(split);
      splits.put(customer, split);
    }
    int rowsOfKept = 0;
    int positivesOfKept = 0;
    for (int row = 0; row < whole.rows(); row++) {
      if (kept.contains(whole.texts("entity.customer")[row])) {
        rowsOfKept++;
        positivesOfKept += whole.numbers("label")[row] == 1 ? 1 : 0;
      }
    }
    assertThat(kept.size()).isBetween(150, 260);
    assertThat(positives).isEqualTo(positivesOfKept);
    assertThat(weight / rowsOfKept).isCloseTo(1, within(0.15));
    assertThat(Set.copyOf(splits.values())).containsExactlyInAnyOrder("train", "eval");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "customer,when|no column 'moment'",
        "moment,note|no column of an entity",
        "customer,moment,moment|two columns",
        "customer,moment,split|beside the dataset's own",
        "customer,moment\\nc1,yesterday|line 2: moment: 'yesterday' is no moment",
        "customer,moment\\nc1,|line 2: moment: is missing",
        "customer,moment,label\\nc1,5,high|line 2: label: 'high' is no number",
        "customer,moment,weight\\nc1,5,-1|line 2: weight: must be",
        "customer,moment\\nc1,5\\nc2,6,7|no CSV",
        "customer,moment\\nc1,5\\n\"c2,6|no CSV",
      })
  void build_brokenSpine_saysWhatAndWhere(String csv, String message) {
    String text = csv.replace("\\n", "\n");
    assertThatThrownBy(() -> build(fixture.stores, SpineFixture.request(sent(text)), into("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private DatasetJobs jobs(Spines store, JsonJobs saved, Path datasets) {
    return new DatasetJobs(
        new DatasetBuilder(
            fixture.stores,
            fixture.stores,
            store,
            SpineFixture.kept(fixture.definition),
            1,
            Duration.ofMinutes(1),
            "test"),
        store,
        saved,
        app -> {},
        datasets);
  }

  @Test
  void sweep_oldDatasetsBeyondTheNewest_goAndTheOthersStay()
      throws IOException, Spines.TooLargeException {
    Path datasets = folder.resolve("datasets");
    Instant now = Instant.parse("2026-06-01T00:00:00Z");
    for (int days = 0; days < 6; days++) {
      made(datasets.resolve("one/ds-00000000000" + days), now.minus(Duration.ofDays(days * 10)));
    }
    made(datasets.resolve("two/ds-0000000000aa"), now.minus(Duration.ofDays(300)));
    Path spines = datasets.resolve("one/spines");
    for (int days = 0; days < 6; days++) {
      Path spine = Files.writeString(Files.createDirectories(spines).resolve("sp-" + days), "x");
      Files.setLastModifiedTime(
          spine, FileTime.from(now.minus(Duration.ofDays(days * 10)).minusSeconds(1)));
    }
    JsonJobs saved = new JsonJobs(datasets);
    String building = "ds-000000000005";
    saved.save(
        new JobStore.Saved(
            building,
            new ApplicationApplied("one", 1, "h", 0, fixture.applied.definition()),
            SpineFixture.request(sent(SpineFixture.csv(1)))));
    Spines store = SpineFixture.spines(folder);
    try (DatasetJobs jobs = jobs(store, saved, datasets)) {
      assertThat(jobs.sweep(2, Duration.ofDays(25), () -> now))
          .containsExactlyInAnyOrder("ds-000000000003", "ds-000000000004");
      assertThat(names(datasets.resolve("one")))
          .containsExactlyInAnyOrder(
              "ds-000000000000", "ds-000000000001", "ds-000000000002", building, "spines");
      assertThat(names(datasets.resolve("two"))).containsExactly("ds-0000000000aa");
      assertThat(jobs.sweep(1, Duration.ofDays(25), () -> now)).isEmpty();
    }
    saved.ended("one", building);
    try (DatasetJobs jobs = jobs(store, saved, datasets)) {
      assertThat(jobs.sweep(2, Duration.ofDays(25), () -> now))
          .containsExactlyInAnyOrder(building, "sp-3", "sp-4", "sp-5");
    }
  }

  private static void made(Path dataset, Instant at) throws IOException {
    Files.createDirectories(dataset);
    Files.writeString(dataset.resolve("rows.parquet"), "rows");
    Path manifest = Files.writeString(dataset.resolve("manifest.json"), "{}");
    Files.setLastModifiedTime(manifest, FileTime.from(at));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.map(each -> String.valueOf(each.getFileName())).toList();
    }
  }

  @Test
  void resume_buildOfTheProcessBefore_isGoneOnWithOnceItsFeaturesAreServed()
      throws IOException, Spines.TooLargeException {
    String id = "ds-00000000000a";
    DatasetRequest request = SpineFixture.request(sent(SpineFixture.csv(100)));
    Path datasets = folder.resolve("datasets");
    JsonJobs saved = new JsonJobs(datasets);
    saved.save(new JobStore.Saved(id, fixture.applied, request));
    ServingGenerations serving = new ServingGenerations();
    Spines spines = SpineFixture.spines(folder);
    List<String> waited = new ArrayList<>();
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
            saved,
            waited::add,
            datasets)) {
      jobs.resume(serving);
      assertThat(jobs.find(SpineFixture.APP, id).orElseThrow().status()).isEqualTo(Status.RUNNING);
      serving.serve(fixture.generation);
      jobs.resume(serving);
      Await.until(
          () -> jobs.find(SpineFixture.APP, id).orElseThrow().status() == Status.READY,
          LIMIT,
          () -> jobs.find(SpineFixture.APP, id).toString());
    }
    assertThat(waited).containsExactly(SpineFixture.APP);
    Await.until(() -> saved.unfinished().isEmpty(), LIMIT, () -> "it would be built again");
  }
}
