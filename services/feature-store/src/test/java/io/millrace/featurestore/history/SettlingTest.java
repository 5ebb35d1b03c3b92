// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.featurestore.InMemoryStores;
import io.millrace.testkit.await.Await;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SettlingTest {
  private static final String APP = "shop";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final InMemoryStores stores = new InMemoryStores();
  private final Settling here = new Settling(stores);
  private final Settling elsewhere = new Settling(stores);

  private CompletableFuture<Void> await(AtomicReference<Set<String>> parts, Duration patience) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            here.await(APP, parts::get, patience);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  private String request() {
    Await.until(
        () -> {
          elsewhere.look(APP);
          return !elsewhere.outstanding(APP).isEmpty();
        },
        LIMIT,
        () -> "no request");
    return elsewhere.outstanding(APP).iterator().next();
  }

  @Test
  void await_everyPartAnswers_isOverAndLeavesNothing() {
    CompletableFuture<Void> done = await(new AtomicReference<>(Set.of("a#0", "a#1")), LIMIT);
    String request = request();

    elsewhere.answer(APP, request, "a#0").join();
    assertThat(done).isNotDone();
    elsewhere.answer(APP, request, "a#1").join();

    done.join();
    assertThat(stores.settling).isEmpty();
  }

  @Test
  void await_anotherVersionTakesOver_waitsForIts() {
    AtomicReference<Set<String>> parts = new AtomicReference<>(Set.of("old#0"));
    CompletableFuture<Void> done = await(parts, LIMIT);
    String request = request();
    parts.set(Set.of("new#0"));

    elsewhere.answer(APP, request, "new#0").join();

    done.join();
  }

  @Test
  void await_noPart_asksNobody() throws InterruptedException {
    here.await(APP, Set::of, LIMIT);

    assertThat(stores.settling).isEmpty();
  }

  @Test
  void await_partThatDoesNotAnswer_isNamed() {
    assertThatThrownBy(() -> here.await(APP, () -> Set.of("a#0", "a#1"), Duration.ofMillis(300)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a#0, a#1");
    assertThat(stores.settling).isEmpty();
  }
}
