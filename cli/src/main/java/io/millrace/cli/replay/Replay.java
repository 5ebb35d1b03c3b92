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
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * Sends a file to ingest, several chunks at a time. A chunk is known by the file's digest and the
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
  public Replay(
      ApiClient client, String app, String event, int parallel, PrintStream err, boolean terminal) {
    this.client = client;
    this.address = "/v1/applications/" + app + "/events/" + event;
    this.parallel = parallel;
    this.err = err;
    this.terminal = terminal;
  }

  /**
   * What became of a file's records: in = accepted + rejected + duplicates.
   *
   * @param sent records of the file that were sent
   * @param seconds from the first to the last
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
   * Sends a file, or its first records; returns when each is in the books.
   *
   * @throws ReplayException where the file is broken or the receiver does not take it
   */
  public Result send(ReplayFile file, long limit) {
    List<Future<JsonNode>> answers = new ArrayList<>();
    Semaphore places = new Semaphore(parallel);
    try (Progress progress = new Progress(err, file.bytes(), terminal);
        ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
        ChunkReader chunks = new ChunkReader(file.open(), file.csv(), ROWS_OF_CHUNK)) {
      try {
        long sent = sendAll(file, limit, chunks, places, senders, answers, progress);
        if (sent == 0) {
          throw new ReplayException(file.path() + " holds no record");
        }
        return result(sent, answers, progress);
      } finally {
        senders.shutdownNow();
      }
    } catch (IOException e) {
      throw new ReplayException("cannot read " + file.path() + ": " + e.getMessage(), e);
    }
  }

  private long sendAll(
      ReplayFile file,
      long limit,
      ChunkReader chunks,
      Semaphore places,
      ExecutorService senders,
      List<Future<JsonNode>> answers,
      Progress progress)
      throws IOException {
    long left = limit;
    long before = 0;
    ChunkReader.Chunk chunk = chunks.next(left);
    while (chunk != null) {
      acquire(places);
      // A chunk that was refused for good ends the replay now, not after the rest of the file.
      for (Future<JsonNode> answer : answers) {
        if (answer.state() == Future.State.FAILED) {
          join(answer);
        }
      }
      ChunkReader.Chunk at = chunk;
      int length = (int) (chunk.end() - before);
      before = chunk.end();
      answers.add(
          senders.submit(
              () -> {
                try {
                  JsonNode answer = sendPatiently(file, at, progress);
                  progress.taken(at.rows(), length);
                  return answer;
                } finally {
                  places.release();
                }
              }));
      left -= chunk.rows();
      chunk = chunks.next(left);
    }
    return limit - left;
  }

  private JsonNode sendPatiently(ReplayFile file, ChunkReader.Chunk chunk, Progress progress) {
    String path = address + "?history=true&batch=" + file.digest() + "&first=" + chunk.first();
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

  private static Result result(long sent, List<Future<JsonNode>> answers, Progress progress) {
    long in = 0;
    long accepted = 0;
    long rejected = 0;
    long duplicates = 0;
    for (Future<JsonNode> each : answers) {
      JsonNode answer = join(each);
      in += answer.path("in").asLong();
      accepted += answer.path("accepted").asLong();
      rejected += answer.path("rejected").asLong();
      duplicates += answer.path("duplicates").asLong();
    }
    double seconds = progress.seconds();
    return new Result(
        sent, in, accepted, rejected, duplicates, seconds, (double) in / Math.max(seconds, 1e-3));
  }

  private static JsonNode join(Future<JsonNode> answer) {
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
