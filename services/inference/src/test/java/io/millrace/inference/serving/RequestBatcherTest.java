// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.testkit.await.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestBatcherTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final CountDownLatch gate = new CountDownLatch(1);
  private final ConcurrentLinkedQueue<List<Integer>> batches = new ConcurrentLinkedQueue<>();

  private List<Integer> doubled(List<Integer> questions) {
    batches.add(questions);
    return questions.stream().map(each -> 2 * each).toList();
  }

  private List<Integer> doubledOnceOpen(List<Integer> questions) {
    batches.add(questions);
    try {
      assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return questions.stream().map(each -> 2 * each).toList();
  }

  private void awaitBatch() {
    Await.until(() -> !batches.isEmpty(), LIMIT, () -> "no batch was begun");
  }

  @Test
  void submit_manyThreads_everyQuestionHasItsOwnAnswerOnce() throws Exception {
    int threads = 16;
    int each = 500;
    try (RequestBatcher<Integer, Integer> batcher =
            new RequestBatcher<>("test", threads * each, 64, 3, this::doubled);
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int from = t * each;
        done.add(
            executor.submit(
                () -> {
                  List<CompletableFuture<Integer>> answers = new ArrayList<>();
                  for (int i = 0; i < each; i++) {
                    answers.add(batcher.submit(from + i));
                  }
                  for (int i = 0; i < each; i++) {
                    assertThat(answers.get(i).get(20, TimeUnit.SECONDS)).isEqualTo(2 * (from + i));
                  }
                  return null;
                }));
      }
      for (Future<?> future : done) {
        future.get(30, TimeUnit.SECONDS);
      }
    }
    assertThat(batches.stream().mapToInt(List::size).sum()).isEqualTo(threads * each);
    assertThat(batches).allMatch(batch -> batch.size() <= 64);
    assertThat(batches.stream().flatMap(List::stream)).doesNotHaveDuplicates();
  }

  @Test
  void submit_whileABatchIsAnswered_gathersTheNextInOrder() throws Exception {
    try (RequestBatcher<Integer, Integer> batcher =
        new RequestBatcher<>("test", 10, 4, 1, this::doubledOnceOpen)) {
      CompletableFuture<Integer> lone = batcher.submit(0);
      awaitBatch();
      List<CompletableFuture<Integer>> later = new ArrayList<>();
      for (int i = 1; i <= 6; i++) {
        later.add(batcher.submit(i));
      }
      assertThat(batcher.waiting()).isEqualTo(6);
      gate.countDown();
      assertThat(lone.get(20, TimeUnit.SECONDS)).isZero();
      for (int i = 1; i <= 6; i++) {
        assertThat(later.get(i - 1).get(20, TimeUnit.SECONDS)).isEqualTo(2 * i);
      }
    }
    assertThat(batches).containsExactly(List.of(0), List.of(1, 2, 3, 4), List.of(5, 6));
  }

  @Test
  void submit_fullQueue_isRefusedAndTheOthersAreAnswered() throws Exception {
    try (RequestBatcher<Integer, Integer> batcher =
        new RequestBatcher<>("test", 2, 10, 1, this::doubledOnceOpen)) {
      batcher.submit(0);
      awaitBatch();
      batcher.submit(1);
      CompletableFuture<Integer> last = batcher.submit(2);
      assertThatExceptionOfType(RejectedExecutionException.class)
          .isThrownBy(() -> batcher.submit(3));
      gate.countDown();
      assertThat(last.get(20, TimeUnit.SECONDS)).isEqualTo(4);
    }
    assertThat(batches.stream().flatMap(List::stream)).containsExactly(0, 1, 2);
  }

  @Test
  void submit_failureOfABatch_reachesWhoAskedAndNobodyElse() throws Exception {
    try (RequestBatcher<Integer, Integer> batcher =
        new RequestBatcher<>(
            "test",
            10,
            1,
            1,
            batch -> {
              switch (batch.getFirst()) {
                case 1 -> throw new IllegalArgumentException("one");
                case 2 -> throw new UnsatisfiedLinkError("two");
                case 3 -> {
                  return List.of();
                }
                default -> {
                  return batch;
                }
              }
            })) {
      assertFails(batcher.submit(1), "one");
      assertFails(batcher.submit(2), "two");
      assertFails(batcher.submit(3), "0 answers to 1 questions");
      assertThat(batcher.submit(4).get(20, TimeUnit.SECONDS)).isEqualTo(4);
    }
  }

  private static void assertFails(CompletableFuture<Integer> answer, String message) {
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
        .withMessageContaining(message);
  }

  @Test
  void cancel_whileWaiting_isNotAnswered() throws Exception {
    try (RequestBatcher<Integer, Integer> batcher =
        new RequestBatcher<>("test", 10, 10, 1, this::doubledOnceOpen)) {
      batcher.submit(0);
      awaitBatch();
      batcher.submit(1).cancel(false);
      CompletableFuture<Integer> last = batcher.submit(2);
      gate.countDown();
      assertThat(last.get(20, TimeUnit.SECONDS)).isEqualTo(4);
    }
    assertThat(batches).containsExactly(List.of(0), List.of(2));
  }

  @Test
  void close_waitingQuestions_failAndNewOnesAreRefused() {
    RequestBatcher<Integer, Integer> batcher =
        new RequestBatcher<>("test", 10, 1, 1, this::doubledOnceOpen);
    batcher.submit(0);
    awaitBatch();
    CompletableFuture<Integer> waiting = batcher.submit(1);
    gate.countDown();
    batcher.close();
    Await.until(waiting::isDone, LIMIT, () -> "the waiting question hangs");
    assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> batcher.submit(2));
  }
}
