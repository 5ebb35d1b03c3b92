// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.view.GenerationStore.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Several instances begin and end versions, one store and one clock between them. */
class VersionLifeTest {
  private long nanos;
  private final InMemoryUses uses = new InMemoryUses(() -> nanos);
  private final List<String> removed = new ArrayList<>();
  private final Map<String, Instance> instances = new TreeMap<>();
  private final Instance one = new Instance("one");
  private final Instance two = new Instance("two");

  /** An instance with what it computes. */
  private final class Instance {
    private final String name;
    private final Set<String> computes = new HashSet<>();
    private final VersionLife life;
    private boolean isBusy;
    private boolean failsToRemove;
    private Runnable whileRemoving = () -> {};

    private Instance(String name) {
      this.name = name;
      life = new VersionLife("app", Kind.FEATURES, name, uses, this::remove, () -> nanos);
      instances.put(name, this);
    }

    private void remove(String version) {
      instances
          .values()
          .forEach(
              each ->
                  assertThat(each.computes)
                      .as("%s removes %s, which %s computes", name, version, each.name)
                      .doesNotContain(version));
      if (failsToRemove) {
        throw new IllegalStateException("not now");
      }
      whileRemoving.run();
      removed.add(version);
    }

    private void begin(String version) {
      life.begin(version);
      computes.add(version);
    }

    private void end(String version) {
      life.retire(version);
      computes.remove(version);
      life.left(version);
    }

    private void look() {
      life.keep(computes);
      life.sweep(computes);
    }
  }

  private void bothCompute(String version) {
    one.begin(version);
    two.begin(version);
  }

  private void pass(Duration time, Instance... alive) {
    long end = nanos + time.toNanos();
    while (nanos < end) {
      nanos += Duration.ofMillis(500).toNanos();
      for (Instance each : alive) {
        each.look();
      }
    }
  }

  @Test
  void ended_whileAnotherComputesIt_isRemovedOnceWhenNobodyDoes() {
    bothCompute("v1");

    one.end("v1");
    pass(Duration.ofMinutes(10), one, two);
    assertThat(removed).isEmpty();

    two.end("v1");
    pass(Duration.ofMinutes(1), one, two);
    assertThat(removed).containsExactly("v1");
    assertThat(uses.leaving).isEmpty();
  }

  @Test
  void removal_thatTakesLong_isSaidToBeUnderWayAllTheWhile() {
    CountDownLatch said = new CountDownLatch(1);
    one.begin("v1");
    one.end("v1");
    one.whileRemoving =
        () -> {
          uses.between = said::countDown;
          try {
            assertThat(said.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };
    pass(Duration.ofMinutes(1), one);
    assertThat(removed).containsExactly("v1");
  }

  @Test
  void ended_lastUserIsGoneWithoutAWord_isRemoved() {
    bothCompute("v1");
    one.end("v1");
    two.computes.clear();

    pass(Duration.ofMinutes(2), one);
    assertThat(removed).containsExactly("v1");
  }

  @Test
  void ended_whileTheLastUserWasGone_isRemovedWhenThatOneIsBack() {
    bothCompute("v1");
    one.end("v1");
    two.computes.clear();
    pass(Duration.ofSeconds(30), one);
    assertThat(removed).as("its word holds").isEmpty();

    Instance back = new Instance("two");
    back.begin("v2");
    pass(Duration.ofSeconds(20), one, back);
    assertThat(removed).containsExactly("v1");
  }

  @Test
  void ended_whoeverEndedItIsGone_isRemovedByAnother() {
    one.begin("v1");
    one.end("v1");

    pass(Duration.ofMinutes(1), two);
    assertThat(removed).containsExactly("v1");
  }

  @Test
  void begun_afterItWasEnded_staysAsItIs() {
    one.begin("v1");
    one.end("v1");
    two.begin("v1");

    pass(Duration.ofMinutes(10), one, two);
    assertThat(removed).isEmpty();
    assertThat(uses.leaving).isEmpty();
  }

  @Test
  void begun_whileALivingInstanceRemovesIt_waits() {
    one.look();
    uses.leaving.put("v1", "one");

    assertThatThrownBy(() -> two.begin("v1"))
        .isInstanceOf(BeingRemovedException.class)
        .hasMessageContaining("'one'");
    uses.leaving.clear();
    two.begin("v1");
    assertThat(removed).isEmpty();
  }

  /** What it had removed is a part of what belongs together. */
  @Test
  void begun_whoeverRemovedItIsGone_removesItFromTheBeginning() {
    one.look();
    uses.leaving.put("v1", "one");
    nanos += Duration.ofMinutes(2).toNanos();

    two.begin("v1");
    assertThat(removed).containsExactly("v1");
    assertThat(uses.leaving).isEmpty();
  }

  @Test
  void begun_whatThisInstanceWasRemovingWhenItEnded_removesItFromTheBeginning() {
    uses.leaving.put("v1", "one");

    one.begin("v1");
    assertThat(removed).containsExactly("v1");
  }

  @Test
  void removal_thatFails_isTriedAgain() {
    one.begin("v1");
    one.end("v1");
    one.failsToRemove = true;
    pass(Duration.ofMinutes(1), one);
    assertThat(uses.leaving).containsEntry("v1", "one");

    one.failsToRemove = false;
    pass(Duration.ofMinutes(1), one);
    assertThat(removed).containsExactly("v1");
    assertThat(uses.leaving).isEmpty();
  }

  /** The word of every instance is out of date when the store is back. */
  @Test
  void store_awayForLongerThanAWordHolds_removesNothingThatIsComputed() {
    bothCompute("v1");
    one.end("v1");
    uses.isAway = true;
    pass(Duration.ofMinutes(5), one, two);
    uses.isAway = false;
    // The other one is slow to say it again.
    pass(Duration.ofSeconds(10), one);
    pass(Duration.ofMinutes(5), one, two);

    assertThat(removed).isEmpty();
    assertThatThrownBy(
            () -> {
              uses.isAway = true;
              two.begin("v2");
            })
        .isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void sweepNow_everyInstanceHasEnded_waitsForNothing() {
    bothCompute("v1");
    one.end("v1");
    assertThat(one.life.sweepNow()).isTrue();
    assertThat(removed).isEmpty();

    two.end("v1");
    assertThat(two.life.sweepNow()).isFalse();
    assertThat(one.life.sweepNow()).isFalse();
    assertThat(removed).containsExactly("v1");
  }

  /**
   * Instances act between any two calls of each other. Nothing is removed that any of them
   * computes, which {@link Instance#remove} checks, and in the end nothing is left.
   */
  @Test
  void actions_betweenAnyTwoCallsOfOthers_neverRemoveWhatIsComputed() {
    for (int seed = 0; seed < 300; seed++) {
      instances.clear();
      uses.leaving.clear();
      removed.clear();
      Random random = new Random(seed);
      for (String name : List.of("one", "two", "three")) {
        new Instance(name);
      }
      List<Instance> all = List.copyOf(instances.values());
      uses.between =
          () -> {
            nanos += Duration.ofMillis(random.nextInt(400)).toNanos();
            if (random.nextInt(3) == 0) {
              act(all.get(random.nextInt(all.size())), random);
            }
          };
      for (int step = 0; step < 200; step++) {
        nanos += Duration.ofMillis(random.nextInt(4_000)).toNanos();
        all.forEach(each -> act(each, random));
      }
      uses.between = () -> {};
      for (Instance each : all) {
        for (String version : Set.copyOf(each.computes)) {
          each.end(version);
        }
      }
      pass(Duration.ofMinutes(2), all.toArray(Instance[]::new));
      assertThat(uses.leaving).as("seed " + seed).isEmpty();
      assertThat(removed).as("seed " + seed).isNotEmpty();
    }
  }

  /** One thing that an instance does; it does one at a time. */
  private static void act(Instance instance, Random random) {
    if (instance.isBusy) {
      return;
    }
    instance.isBusy = true;
    try {
      String version = "v" + random.nextInt(2);
      if (random.nextInt(4) > 0) {
        instance.look();
      } else if (instance.computes.contains(version)) {
        instance.end(version);
      } else {
        instance.begin(version);
      }
    } catch (BeingRemovedException e) {
      // It would try again.
    } finally {
      instance.isBusy = false;
    }
  }
}
