// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.inference.Yarns;
import io.millrace.inference.model.ModelDirectory.VersionView;
import io.millrace.models.InvalidPackageException;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelPackage;
import io.millrace.models.engine.Device;
import io.millrace.testkit.await.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ModelDirectoryTest {
  private static final String APP = "yarns";
  private static final Map<String, ModelPackage> PACKAGES = new HashMap<>();

  private final Packages source = new Packages();
  private final ModelDirectory directory =
      new ModelDirectory(
          source, Executors.newSingleThreadScheduledExecutor(), Duration.ofMillis(10));

  /** Packages in memory; a version's gate, where there is one, holds its download up. */
  private static final class Packages implements ModelSource {
    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
    private final Map<String, Exception> failures = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> loads = new ConcurrentHashMap<>();

    @Override
    public LoadedModel load(ModelVersionChanged version) throws IOException, InterruptedException {
      String name = version.version();
      loads.computeIfAbsent(name, ignored -> new AtomicInteger()).incrementAndGet();
      CountDownLatch gate = gates.get(name);
      if (gate != null && !gate.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody opened the gate of version " + name);
      }
      switch (failures.get(name)) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case null, default -> {}
      }
      return LoadedModel.of(Objects.requireNonNull(PACKAGES.get(name)), Device.CPU);
    }

    private int loads(String name) {
      return loads.getOrDefault(name, new AtomicInteger()).get();
    }
  }

  @BeforeAll
  static void train() {
    for (int seed = 1; seed <= 4; seed++) {
      PACKAGES.put(Integer.toString(seed), Yarns.train(APP, seed, false));
    }
  }

  @AfterEach
  void close() {
    directory.close();
  }

  private void told(String version, long atMs, Status... history) {
    directory.accept(
        Yarns.version(APP, version, Objects.requireNonNull(PACKAGES.get(version)), atMs, history));
  }

  private void awaitLoaded(String version) {
    Await.until(
        () -> directory.version(APP, version).isPresent(),
        Duration.ofSeconds(30),
        () -> directory.versions(APP).toString());
  }

  private void awaitFailure(String version, String message) {
    Await.until(
        () ->
            directory.versions(APP).stream()
                .anyMatch(
                    each ->
                        each.version().equals(version)
                            && each.failure() != null
                            && each.failure().contains(message)),
        Duration.ofSeconds(30),
        () -> directory.versions(APP).toString());
  }

  private String answering() {
    ServedVersion champion = directory.route(APP).champion();
    return champion == null ? "none" : champion.version();
  }

  @Test
  void accept_candidateAndRefused_areNotLoaded() {
    told("1", 0, Status.CANDIDATE);
    told("2", 0, Status.CANDIDATE, Status.REFUSED);
    told("3", 0, Status.CANDIDATE, Status.BLESSED);
    awaitLoaded("3");
    assertThat(source.loads("1") + source.loads("2")).isZero();
    assertThat(directory.hasChampion(APP)).isFalse();
    assertThat(answering()).as("blessed is not promoted").isEqualTo("none");
  }

  @Test
  void accept_newChampion_servesOnlyOnceLoadedAndTheOldOneGoesOn() {
    told("1", 0, Status.CHAMPION);
    awaitLoaded("1");
    CountDownLatch gate = new CountDownLatch(1);
    source.gates.put("2", gate);
    told("2", 100, Status.CHAMPION);
    told("1", 0, Status.CHAMPION, Status.RETIRED);
    assertThat(answering()).isEqualTo("1");
    try (ModelDirectory.Lease lease = directory.lease(APP)) {
      assertThat(Objects.requireNonNull(lease.route().champion()).score(row())).hasSize(1);
    }
    gate.countDown();
    awaitLoaded("2");
    assertThat(answering()).isEqualTo("2");
    assertThat(directory.version(APP, "1")).as("nothing needs it any more").isEmpty();
  }

  @Test
  void accept_brokenChampionAndNoneBeforeItLoaded_theLastChampionStandsIn() {
    source.failures.put("2", new InvalidPackageException("truncated"));
    source.failures.put("3", new InvalidPackageException("truncated too"));
    told("4", 300, Status.CANARY, Status.RETIRED);
    told("1", 100, Status.CHAMPION, Status.RETIRED);
    told("2", 200, Status.CHAMPION, Status.RETIRED);
    told("3", 400, Status.CHAMPION);
    awaitLoaded("1");
    assertThat(answering()).as("4 was never champion, 2 is broken, too").isEqualTo("1");
    assertThat(source.loads("4")).isZero();
    told("4", 500, Status.CHAMPION);
    awaitLoaded("4");
    assertThat(answering()).isEqualTo("4");
  }

  @Test
  void standing_tellsUnreadFromNoneAndFromLoading() {
    assertThat(directory.standing(APP)).isEqualTo(new ModelDirectory.Standing.Unread());
    directory.caughtUp(APP);
    assertThat(directory.standing(APP)).isEqualTo(new ModelDirectory.Standing.NoChampion());
    source.failures.put("1", new IOException("nobody there"));
    told("1", 0, Status.CHAMPION);
    awaitFailure("1", "nobody there");
    assertThat(directory.standing(APP))
        .isEqualTo(new ModelDirectory.Standing.Loading("1", "nobody there"));
    source.failures.remove("1");
    awaitLoaded("1");
    assertThat(directory.standing(APP)).isInstanceOf(ModelDirectory.Standing.Serving.class);
  }

  @Test
  void accept_brokenPackage_keepsTheOldChampionAndIsNotFetchedAgain() {
    told("1", 0, Status.CHAMPION);
    awaitLoaded("1");
    source.failures.put("2", new InvalidPackageException("its example scores otherwise"));
    told("2", 100, Status.CHAMPION);
    awaitFailure("2", "its example scores otherwise");
    told("1", 0, Status.CHAMPION, Status.RETIRED);
    told("2", 100, Status.CHAMPION);
    assertThat(answering()).isEqualTo("1");
    assertThat(source.loads("2")).isOne();
  }

  @Test
  void accept_trainerAway_isTriedAgainUntilItIsThere() {
    source.failures.put("1", new IOException("connection refused"));
    told("1", 0, Status.CHAMPION);
    awaitFailure("1", "connection refused");
    assertThat(directory.hasChampion(APP)).isTrue();
    assertThat(answering()).isEqualTo("none");
    source.failures.clear();
    awaitLoaded("1");
    assertThat(answering()).isEqualTo("1");
    assertThat(directory.versions(APP).getFirst().failure()).isNull();
  }

  @Test
  void lease_unloadMeanwhile_scoresToTheEndAndThenFreesTheModel() {
    told("1", 0, Status.CHAMPION);
    awaitLoaded("1");
    ServedVersion first = Objects.requireNonNull(directory.route(APP).champion());
    ModelDirectory.Lease lease = directory.lease(APP);
    double before = first.score(row())[0];
    told("2", 100, Status.CHAMPION);
    told("1", 0, Status.CHAMPION, Status.RETIRED);
    awaitLoaded("2");
    assertThat(directory.version(APP, "1")).isEmpty();
    assertThat(first.score(row())).containsExactly(before);
    lease.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> first.score(row()))
        .withMessageContaining("unloaded");
  }

  @Test
  void accept_restart_championIsTheLatestWhateverTheOrder() {
    told("3", 300, Status.BLESSED, Status.CHAMPION);
    told("1", 100, Status.CHAMPION, Status.RETIRED);
    told("2", 200, Status.CHAMPION);
    awaitLoaded("3");
    assertThat(answering()).isEqualTo("3");
    assertThat(source.loads("1")).isZero();
  }

  @Test
  void accept_rollback_formerChampionServesAgain() {
    told("1", 0, Status.CHAMPION, Status.RETIRED);
    told("2", 100, Status.CHAMPION);
    awaitLoaded("2");
    told("1", 200, Status.CHAMPION);
    told("2", 100, Status.CHAMPION, Status.RETIRED);
    awaitLoaded("1");
    assertThat(answering()).isEqualTo("1");
  }

  @Test
  void accept_canaryAndShadow_routeTellsThemWithTheShare() {
    told("1", 0, Status.CHAMPION);
    directory.accept(
        Yarns.version(APP, "2", Objects.requireNonNull(PACKAGES.get("2")), 50, Status.CANARY)
            .withMetrics(Map.of(ModelVersionChanged.ROLLOUT_SHARE, 0.25)));
    told("3", 60, Status.SHADOW);
    awaitLoaded("1");
    awaitLoaded("2");
    awaitLoaded("3");
    Route route = directory.route(APP);
    assertThat(route.versions()).extracting(ServedVersion::version).containsExactly("1", "2", "3");
    assertThat(route.canaryShare()).isEqualTo(0.25);
  }

  @Test
  void accept_manyBlessed_onlyTheNewestAreKept() {
    for (int i = 1; i <= 4; i++) {
      told(Integer.toString(i), 10 * i, Status.BLESSED);
    }
    awaitLoaded("4");
    awaitLoaded("3");
    assertThat(directory.version(APP, "1")).isEmpty();
    assertThat(directory.version(APP, "2")).isEmpty();
  }

  @Test
  void forget_whileTheTrainerIsAway_leavesNothingBehind() {
    source.failures.put("1", new IOException("connection refused"));
    told("1", 0, Status.CHAMPION);
    awaitFailure("1", "connection refused");
    directory.forget(APP);
    int loads = source.loads("1");
    assertThat(directory.versions(APP)).isEmpty();
    told("2", 0, Status.CHAMPION);
    awaitLoaded("2");
    assertThat(source.loads("1")).isLessThanOrEqualTo(loads + 1);
    assertThat(directory.versions(APP)).extracting(VersionView::version).containsExactly("2");
  }

  private static List<Object[]> row() {
    return List.<Object[]>of(new Object[] {5.0, "wool"});
  }
}
