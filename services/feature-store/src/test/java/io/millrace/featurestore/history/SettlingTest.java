// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.featurestore.InMemoryStores;
import io.millrace.testkit.await.Await;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class SettlingTest {
  private static final String APP = "shop";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final InMemoryStores stores = new InMemoryStores();
  private final Settling here = new Settling(stores);
  private final Settling elsewhere = new Settling(stores);

  private CompletableFuture<Boolean> await(Set<String> parts, BooleanSupplier isAsked) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return here.await(APP, parts, LIMIT, isAsked);
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
    CompletableFuture<Boolean> done = await(Set.of("a#0", "a#1"), () -> true);
    String request = request();

    elsewhere.answer(APP, request, "a#0").join();
    assertThat(done).isNotDone();
    elsewhere.answer(APP, request, "a#1").join();

    assertThat(done.join()).isTrue();
    assertThat(stores.settling).isEmpty();
  }

  @Test
  void await_anotherVersionTakesOver_saysSo() {
    AtomicBoolean isAsked = new AtomicBoolean(true);
    CompletableFuture<Boolean> done = await(Set.of("old#0"), isAsked::get);
    String request = request();
    // What the next one answered before it had caught up is worth nothing.
    elsewhere.answer(APP, request, "new#0").join();

    isAsked.set(false);

    assertThat(done.join()).isFalse();
    assertThat(stores.settling).isEmpty();
  }

  @Test
  void await_noPart_asksNobody() throws InterruptedException {
    assertThat(here.await(APP, Set.of(), LIMIT, () -> true)).isTrue();

    assertThat(stores.settling).isEmpty();
  }

  @Test
  void await_partThatDoesNotAnswer_isNamed() {
    assertThatThrownBy(
            () -> here.await(APP, Set.of("a#0", "a#1"), Duration.ofMillis(300), () -> true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a#0, a#1");
    assertThat(stores.settling).isEmpty();
  }
}
