// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.Millrace;
import io.millrace.cli.command.RecordingServer.Asked;
import io.millrace.cli.command.RecordingServer.Done;
import io.millrace.common.serde.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the replay sends, in which order, and what it says of it. */
class ReplayCommandTest {
  private static final double ANSWER_S = 0.2;

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private RecordingServer server;

  @BeforeEach
  void serve() throws IOException {
    server =
        new RecordingServer(folder.resolve("stack"))
            .answering(
                "GET /v1/applications/shop",
                200,
                asked ->
                    """
                    {"definition": {"events": {
                      "view": {"time": {"field": "at", "format": "epoch_s"}},
                      "buy": {"time": {"field": "when"}}}}}
                    """)
            .answering(
                "GET /v1/applications/one",
                200,
                asked ->
                    "{\"definition\": {\"events\": {\"view\": {\"time\": {\"field\": \"at\"}}}}}")
            .answering("GET /v1/applications/shop/books", 200, asked -> books(9))
            .answering("GET /v1/applications/one/books", 200, asked -> books(9))
            .answering("POST /v1/applications/", 202, asked -> books(records(asked).size()));
  }

  @AfterEach
  void end() {
    server.close();
  }

  private static String books(int all) {
    return "{\"in\": %d, \"accepted\": %d, \"rejected\": 0, \"duplicates\": 0}".formatted(all, all);
  }

  private static List<String> records(Asked asked) {
    List<String> lines = new ArrayList<>(asked.body().lines().toList());
    if (!asked.body().startsWith("{")) {
      lines.removeFirst();
    }
    return lines;
  }

  private List<Asked> posts() {
    return server.asked.stream().filter(each -> each.method().equals("POST")).toList();
  }

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file);
        OutputStream packed = name.endsWith(".gz") ? new GZIPOutputStream(out) : out) {
      packed.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  @Test
  void call_oneFile_goesOutInItsOrderUnderItsDigest() throws IOException {
    Path views = file("views.csv.gz", "at,item\n3,a\n1,b\n2,c\n");

    Done done = server.run("replay", "--app", "one", "--file", views.toString(), "--json");

    assertThat(done.exit()).as(done.err()).isEqualTo(Millrace.OK);
    assertThat(posts()).hasSize(1);
    assertThat(posts().getFirst().path())
        .startsWith("/v1/applications/one/events/view?history=true&batch=")
        .endsWith("&first=0");
    assertThat(posts().getFirst().body()).isEqualTo("at,item\n3,a\n1,b\n2,c\n");
    JsonNode printed = Json.mapper().readTree(done.out());
    assertThat(printed.path("event").asString()).isEqualTo("view");
    assertThat(printed.path("file").path("in").asLong()).isEqualTo(3);
    assertThat(printed.path("balanced").asBoolean()).isTrue();
  }

  @Test
  void call_severalFiles_goOutInTheOrderOfTheirEvents() throws IOException {
    StringBuilder views = new StringBuilder("item,at\n");
    for (int i = 0; i < 9_000; i++) {
      views.append("\"item, %d\",%d\n".formatted(i, 1_700_000_000L + i));
    }
    StringBuilder buys = new StringBuilder();
    for (int i = 0; i < 900; i++) {
      buys.append(
          "{\"n\": %d, \"when\": \"%s\"}\n"
              .formatted(i, Instant.ofEpochSecond(1_700_000_000L + i * 10L + 5)));
    }
    Done done =
        replay(file("views.csv", views.toString()), file("buys.ndjson", buys.toString()), "--json");

    assertThat(done.exit()).as(done.err()).isEqualTo(Millrace.OK);
    JsonNode files = Json.mapper().readTree(done.out()).path("files");
    assertThat(files.path("view").path("accepted").asLong()).isEqualTo(9_000);
    assertThat(files.path("buy").path("accepted").asLong()).isEqualTo(900);
    long view = 0;
    long buy = 0;
    for (Asked post : posts()) {
      boolean isView = post.path().contains("/events/view?");
      long first = Long.parseLong(post.path().replaceFirst(".*first=", ""));
      assertThat(first).as("records of a file are numbered through").isEqualTo(isView ? view : buy);
      if (isView) {
        view += records(post).size();
        assertThat(post.body()).startsWith("item,at\n\"item, " + first + "\"");
      } else {
        buy += records(post).size();
        assertThat(post.body()).contains("\"n\": " + first + ",");
      }
      // A chunk has 4,000 records of both kinds; no kind is ahead by more than that.
      assertThat(Math.abs(view - buy * 10)).isLessThanOrEqualTo(4_000);
    }
    assertThat(view).isEqualTo(9_000);
    assertThat(buy).isEqualTo(900);
  }

  @Test
  void call_slowAnswer_isInTheSecondsAndTheRate() throws IOException {
    server.answering(
        "POST /v1/applications/one/events/view",
        202,
        asked -> {
          awaitUnopened();
          return books(records(asked).size());
        });
    Path views = file("views.csv", "at\n1\n2\n3\n");

    Done done = server.run("replay", "--app", "one", "--file", views.toString(), "--json");

    JsonNode file = Json.mapper().readTree(done.out()).path("file");
    assertThat(file.path("seconds").asDouble()).isGreaterThanOrEqualTo(ANSWER_S);
    assertThat(file.path("rowsPerSecond").asDouble()).isLessThanOrEqualTo(3 / ANSWER_S);
  }

  /** Replays views and purchases together. */
  private Done replay(Path views, Path buys, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("replay", "--app", "shop", "--file", "view=" + views, "--file", "buy=" + buys));
    arguments.addAll(List.of(more));
    return server.run(arguments.toArray(String[]::new));
  }

  /** Takes as long as an answer that takes its time. */
  private static void awaitUnopened() {
    try {
      assertThat(new CountDownLatch(1).await((long) (ANSWER_S * 1000), TimeUnit.MILLISECONDS))
          .isFalse();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void call_quoteInsideAFieldBeforeTheTime_keepsTheOrderOfTheEvents() throws IOException {
    Path views = file("views.csv", "item,at\n12\" pipe,40\n\"a \"\"b\"\", c\",50\n");
    Path buys = file("buys.csv", "when\n1970-01-01T00:00:45Z\n");

    replay(views, buys, "--limit", "2");

    assertThat(posts())
        .extracting(Asked::body)
        .containsExactly("item,at\n12\" pipe,40\n", "when\n1970-01-01T00:00:45Z\n");
  }

  @Test
  void call_severalFilesOfSparseEvents_kindsStayWithinHalfTheAllowedLateness() throws IOException {
    StringBuilder views = new StringBuilder("at\n");
    StringBuilder buys = new StringBuilder("when\n");
    for (int hour = 0; hour < 240; hour++) {
      views.append(1_700_000_000L + hour * 3_600L).append('\n');
      if (hour % 24 == 5) {
        buys.append(Instant.ofEpochSecond(1_700_000_000L + hour * 3_600L + 60)).append('\n');
      }
    }

    replay(file("views.csv", views.toString()), file("buys.csv", buys.toString()));

    // A buy may be late by a day, the default; all records together would be one chunk.
    long newest = 0;
    int bought = 0;
    for (Asked post : posts()) {
      for (String record : records(post)) {
        boolean isView = post.path().contains("/events/view?");
        long second = isView ? Long.parseLong(record) : Instant.parse(record).getEpochSecond();
        assertThat(newest - second).isLessThanOrEqualTo(12 * 3_600L);
        newest = Math.max(newest, second);
        bought += isView ? 0 : 1;
      }
    }
    assertThat(bought).isEqualTo(10);
  }

  @Test
  void call_limit_isOfAllFilesTogetherAndTakesTheEarliest() throws IOException {
    Path views = file("views.csv", "at\n10\n20\n30\n40\n");
    Path buys = file("buys.csv", "when\n1970-01-01T00:00:15Z\n1970-01-01T00:00:45Z\n");

    Done done = replay(views, buys, "--limit", "3");

    assertThat(done.exit()).as(done.err()).isEqualTo(Millrace.OK);
    assertThat(posts())
        .extracting(Asked::body)
        .containsExactly("at\n10\n20\n", "when\n1970-01-01T00:00:15Z\n");
    assertThat(done.out()).contains("views.csv: 2 records").contains("buys.csv: 1 records");
  }

  @Test
  void call_recordWithoutTime_staysBehindTheOneBeforeIt() throws IOException {
    Path views = file("views.csv", "at\n10\nnever\n50\n");
    Path buys = file("buys.csv", "when\n1970-01-01T00:00:30Z\n");

    replay(views, buys, "--limit", "2");

    assertThat(posts()).extracting(Asked::body).containsExactly("at\n10\nnever\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--file view=V --file W|with several files, write --file EVENT=FILE",
        "--file view=V --file view=W|'view' has two files",
        "--file view=V --event view|--event is for one file",
        "--file view=N|there is no file",
        "--file V --limit 0|--limit is at least 1",
        "--fiel V|Unknown options: '--fiel'",
        "--file V --parallel many|'many' is not a",
      })
  void call_calledWrongly_saysWhatAndSendsNothing(String arguments, String message)
      throws IOException {
    Path views = file("V.csv", "at\n1\n");
    Path others = file("W.csv", "at\n1\n");
    String text = "replay --app shop " + arguments;
    Done done =
        server.run(
            text.replaceAll("\\bV\\b", views.toString())
                .replaceAll("\\bW\\b", others.toString())
                .replaceAll("\\bN\\b", folder.resolve("none.csv").toString())
                .split(" "));

    assertThat(done.exit()).isEqualTo(Millrace.USAGE);
    assertThat(done.err()).contains(message);
    assertThat(posts()).isEmpty();
  }

  @Test
  void call_misspeltOption_namesTheRightOne() {
    assertThat(server.run("replay", "--app", "shop", "--fiel", "x").err()).contains("--file");
  }

  @Test
  void call_unknownEventOrMissingTimeColumn_fails() throws IOException {
    Path views = file("views.csv", "at\n1\n");
    Done unknown =
        server.run("replay", "--app", "shop", "--file", "view=" + views, "--file", "byu=" + views);
    assertThat(unknown.exit()).isEqualTo(Millrace.FAILED);
    assertThat(unknown.err()).contains("there is no event 'byu'; there are view, buy");
    Done column =
        server.run("replay", "--app", "shop", "--file", "view=" + views, "--file", "buy=" + views);
    assertThat(column.exit()).isEqualTo(Millrace.FAILED);
    assertThat(column.err()).contains("has no column 'when'");
  }

  @Test
  void call_booksThatDoNotBalanceOrNothingAccepted_exitsWith1() throws IOException {
    Path views = file("views.csv", "at\n1\n");
    server.answering(
        "POST /v1/applications/one",
        202,
        asked -> "{\"in\": 1, \"accepted\": 0, \"rejected\": 1, \"duplicates\": 0}");
    Done none = server.run("replay", "--app", "one", "--file", views.toString());
    assertThat(none.exit()).isEqualTo(Millrace.FAILED);
    assertThat(none.err()).contains("not one record was accepted");
    server.answering(
        "POST /v1/applications/one",
        202,
        asked -> "{\"in\": 1, \"accepted\": 2, \"rejected\": 0, \"duplicates\": 0}");
    Done unbalanced = server.run("replay", "--app", "one", "--file", views.toString());
    assertThat(unbalanced.exit()).isEqualTo(Millrace.FAILED);
    assertThat(unbalanced.out()).contains("DO NOT BALANCE");
  }
}
