// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import io.millrace.cli.api.ApiClient;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.common.serde.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * Sends files to ingest, several chunks at a time. A chunk is known by the file's digest and the
 * number of its first record, so that sending it again, or the whole file, adds nothing.
 */
public final class Replay {
  private static final Duration REQUEST = Duration.ofSeconds(60);

  /** How long nothing may get through before the replay gives up. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration BACK_OFF_LEAST = Duration.ofMillis(250);
  private static final Duration BACK_OFF_MOST = Duration.ofSeconds(5);
  private static final int ROWS_OF_CHUNK = 4_000;

  private final ApiClient client;
  private final String address;
  private final int parallel;
  private final PrintStream err;
  private final boolean terminal;

  /**
   * @param parallel chunks under way at once
   * @param err where progress goes
   */
  public Replay(ApiClient client, String app, int parallel, PrintStream err, boolean terminal) {
    this.client = client;
    this.address = "/v1/applications/" + app + "/events/";
    this.parallel = parallel;
    this.err = err;
    this.terminal = terminal;
  }

  /**
   * What became of a file's records: in = accepted + rejected + duplicates.
   *
   * @param sent records of the file that were sent
   * @param seconds until the last was in the books
   */
  public record Result(
      long sent,
      long in,
      long accepted,
      long rejected,
      long duplicates,
      double seconds,
      double rowsPerSecond) {
    /** Whether every record sent is accounted for. */
    public boolean balances() {
      return in == sent && in == accepted + rejected + duplicates;
    }
  }

  /**
   * Sends files, or their first records; returns when each is in the books. Several go out together
   * in the order of their events.
   *
   * @param limit most records, of all files together
   * @return event → what became of its file's records
   * @throws ReplayException where a file is broken or the receiver does not take it
   */
  public Map<String, Result> send(List<EventFile> files, long limit) {
    List<Future<List<Answer>>> answers = new ArrayList<>();
    Semaphore places = new Semaphore(parallel);
    long bytes = files.stream().mapToLong(each -> each.file().bytes()).sum();
    try (Progress progress = new Progress(err, bytes, terminal);
        ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
        Chunks chunks =
            files.size() == 1
                ? Chunks.of(files.getFirst(), ROWS_OF_CHUNK)
                : new MergedChunks(files, ROWS_OF_CHUNK)) {
      try {
        sendAll(limit, chunks, places, senders, answers, progress);
        List<Answer> all = new ArrayList<>();
        answers.forEach(each -> all.addAll(join(each)));
        Map<String, Result> results = results(files, all, progress.seconds());
        if (results.values().stream().allMatch(result -> result.sent() == 0)) {
          throw new ReplayException(files.getFirst().file().path() + " holds no record");
        }
        return results;
      } finally {
        senders.shutdownNow();
      }
    } catch (IOException e) {
      throw new ReplayException(
          "cannot read "
              + String.join(
                  ", ", files.stream().map(each -> each.file().path().toString()).toList())
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** What was answered to a part. */
  private record Answer(String event, int rows, JsonNode books) {}

  private void sendAll(
      long limit,
      Chunks chunks,
      Semaphore places,
      ExecutorService senders,
      List<Future<List<Answer>>> answers,
      Progress progress)
      throws IOException {
    long left = limit;
    List<Chunks.Part> parts = chunks.next(left);
    while (parts != null) {
      acquire(places);
      // A chunk that was refused for good ends the replay now, not after the rest of the file.
      for (Future<List<Answer>> answer : answers) {
        if (answer.state() == Future.State.FAILED) {
          join(answer);
        }
      }
      List<Chunks.Part> together = parts;
      answers.add(
          senders.submit(
              () -> {
                try {
                  List<Answer> books = new ArrayList<>();
                  for (Chunks.Part part : together) {
                    JsonNode answer = sendPatiently(part.source(), part.chunk(), progress);
                    books.add(new Answer(part.source().event(), part.chunk().rows(), answer));
                    progress.taken(part.chunk().rows(), part.bytes());
                  }
                  return books;
                } finally {
                  places.release();
                }
              }));
      for (Chunks.Part part : parts) {
        left -= part.chunk().rows();
      }
      parts = chunks.next(left);
    }
  }

  private JsonNode sendPatiently(EventFile source, ChunkReader.Chunk chunk, Progress progress) {
    ReplayFile file = source.file();
    String path =
        address
            + source.event()
            + "?history=true&batch="
            + file.digest()
            + "&first="
            + chunk.first();
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    Duration backOff = BACK_OFF_LEAST;
    while (true) {
      Duration wait = backOff;
      String reason;
      try {
        HttpRequest request =
            client
                .request(Service.INGEST, path, REQUEST)
                .header("Content-Type", file.csv() ? "text/csv" : "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofByteArray(chunk.body()))
                .build();
        HttpResponse<byte[]> answer =
            client.send(Service.INGEST, request, HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() < 400) {
          return Json.mapper().readTree(answer.body());
        }
        ApiException refusal =
            ApiClient.refusal(Service.INGEST, answer.statusCode(), answer.body());
        if (answer.statusCode() != 429 && answer.statusCode() < 500) {
          throw new ReplayException(
              "records %d to %d: %s"
                  .formatted(chunk.first(), chunk.first() + chunk.rows() - 1, refusal.getMessage()),
              refusal);
        }
        reason = String.valueOf(refusal.getMessage());
        wait = answer.statusCode() == 429 ? BACK_OFF_LEAST : backOff;
      } catch (ApiException e) {
        reason = String.valueOf(e.getMessage());
      }
      if (System.nanoTime() > giveUp) {
        throw new ReplayException(
            "record %d onwards does not get through for %d s: %s"
                .formatted(chunk.first(), PATIENCE.toSeconds(), reason));
      }
      progress.waited();
      pause(wait);
      backOff =
          backOff.multipliedBy(2).compareTo(BACK_OFF_MOST) > 0
              ? BACK_OFF_MOST
              : backOff.multipliedBy(2);
    }
  }

  private static Map<String, Result> results(
      List<EventFile> files, List<Answer> answers, double seconds) {
    Map<String, long[]> sums = new LinkedHashMap<>();
    files.forEach(file -> sums.put(file.event(), new long[5]));
    for (Answer answer : answers) {
      long[] sum = Objects.requireNonNull(sums.get(answer.event()));
      sum[0] += answer.rows();
      sum[1] += answer.books().path("in").asLong();
      sum[2] += answer.books().path("accepted").asLong();
      sum[3] += answer.books().path("rejected").asLong();
      sum[4] += answer.books().path("duplicates").asLong();
    }
    Map<String, Result> results = new LinkedHashMap<>();
    sums.forEach(
        (event, sum) ->
            results.put(
                event,
                new Result(
                    sum[0],
                    sum[1],
                    sum[2],
                    sum[3],
                    sum[4],
                    seconds,
                    (double) sum[1] / Math.max(seconds, 1e-3))));
    return results;
  }

  private static List<Answer> join(Future<List<Answer>> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ReplayException known) {
        throw known;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ReplayException("interrupted", e);
    }
  }

  private static void acquire(Semaphore places) {
    try {
      places.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ReplayException("interrupted", e);
    }
  }

  private static void pause(Duration wait) {
    try {
      TimeUnit.MILLISECONDS.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ReplayException("interrupted", e);
    }
  }
}
