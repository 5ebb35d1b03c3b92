// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.adapter.redis.RedisOnlineStore;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.GroupListing;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A definition changes on two instances while events flow and both are read all the time; one of
 * them is killed in the middle and comes back. Every read is answered in full, by one definition or
 * the other; afterwards each instance answers what plain loops over the events give, and nothing is
 * left of the former definition.
 */
final class ChangeOnInstances implements AutoCloseable {
  private static final Duration LIMIT = LiveBackends.LIMIT;
  private static final int USERS = 20;
  private static final int ITEMS = 7;
  private static final int HISTORY = 10_000;
  private static final int BATCH = 20;
  private static final Duration BATCH_EVERY = Duration.ofMillis(100);
  private static final long STEP_MS = 20;

  /** By how many events of one user the next version may be behind when it takes over. */
  private static final int HANDOVER_EVENTS = 200;

  /** Events are in two groups: of the user, and of the item. */
  private static final long APPLIED_PER_EVENT = 2;

  private final LiveBackends live;
  private final RunningFeatureStore killed;
  private final RunningFeatureStore other;
  private final String app = Backends.uniqueName("shop");
  private final Topics topics = new Topics(app);
  private final ApplicationDefinition before = Definitions.shop(app);
  private final ApplicationDefinition after = Definitions.withUserItems(before, "1d");
  private final List<Event> sent = Collections.synchronizedList(new ArrayList<>());

  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<Thread> readers = new ArrayList<>();
  private @Nullable PacedSender load;

  /** What went wrong with reads. */
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  private volatile boolean isDown;

  /**
   * @param killed is killed after {@link #isUnderWay} and started again before {@link #isBack}
   */
  ChangeOnInstances(LiveBackends live, RunningFeatureStore killed, RunningFeatureStore other) {
    this.live = live;
    this.killed = killed;
    this.other = other;
  }

  /** Applies the application and sends its first events. */
  void apply() {
    live.apply(before, 1);
    for (int i = 0; i < HISTORY; i++) {
      sent.add(event(i));
    }
    live.send(topics, List.copyOf(sent));
  }

  /** Applies the other definition under load and reads, up to the middle of its replay. */
  void isUnderWay() {
    awaitApplied();
    load = new PacedSender(live, topics, sent, BATCH, BATCH_EVERY, this::event);
    for (RunningFeatureStore each : List.of(killed, other)) {
      readers.add(Thread.ofPlatform().name("reader").start(() -> read(each)));
    }
    live.apply(after, 2);
    Await.until(
        () -> killed.get(path("/progress")).get("rolling").asBoolean() || isAfter(killed),
        LIMIT,
        killed::tail);
    isDown = true;
  }

  /** The other definition answers on the instance that is left. */
  void isMadeByTheOther() {
    Await.until(() -> isAfter(other), LIMIT, () -> progress(other));
  }

  /** The instance that was killed answers again. */
  void isBack() {
    isDown = false;
  }

  /** The other definition answers on both; all is as it should be. */
  void ends() throws IOException, InterruptedException {
    Await.until(() -> isAfter(killed), LIMIT, () -> progress(killed));
    close();
    assertThat(wrong).isEmpty();
    awaitApplied();
    equalsTheOracle(killed);
    equalsTheOracle(other);
    nothingIsLeft();
  }

  /** Ends load and reads. */
  @Override
  public void close() {
    if (load != null) {
      load.close();
    }
    stop.set(true);
    try {
      for (Thread each : readers) {
        each.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Event event(int number) {
    return Definitions.impression(
        app,
        "i" + number,
        "u" + number % USERS,
        "item" + number % ITEMS,
        Definitions.T0 + number * STEP_MS,
        number % 9);
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  private boolean isAfter(RunningFeatureStore service) throws IOException, InterruptedException {
    return service
        .get(path("/catalogue"))
        .get("generation")
        .asString()
        .equals(Generation.of(after).hash());
  }

  /** All users, and one whom no event has named: he has a count too, of none. */
  private static Map<String, Object> question(String feature) {
    List<Map<String, String>> entities = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      entities.add(Map.of("user", "u" + i));
    }
    entities.add(Map.of("user", "nobody"));
    return Map.of(
        "features",
        List.of(feature),
        "entities",
        entities,
        "at",
        Definitions.T0 + Definitions.HOUR - 1);
  }

  private List<Long> values(RunningFeatureStore service, String feature)
      throws IOException, InterruptedException {
    List<Long> values = new ArrayList<>();
    JsonNode rows = service.post(path("/features:online"), question(feature)).get("rows");
    for (JsonNode row : rows) {
      assertThat(row.get("values").get(0).isNumber()).as(row.toString()).isTrue();
      values.add(row.get("values").get(0).asLong());
    }
    return values;
  }

  private void read(RunningFeatureStore service) {
    long[] most = new long[USERS + 1];
    boolean isWrong = false;
    while (!stop.get() && !isWrong) {
      try {
        List<Long> values = values(service, "user_impressions.n_1h");
        for (int i = 0; i <= USERS; i++) {
          assertThat(values.get(i)).as("user " + i).isGreaterThan(most[i] - HANDOVER_EVENTS);
          most[i] = Math.max(most[i], values.get(i));
        }
        assertThat(values.getLast()).isZero();
      } catch (IOException | AssertionError e) {
        isWrong = !isDown || service != killed;
        if (isWrong) {
          wrong.add(e + "\n" + service.tail());
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Waits until every event is applied, each in each group by one instance. */
  private void awaitApplied() {
    Await.until(
        () -> {
          long applied = 0;
          for (RunningFeatureStore service : List.of(killed, other)) {
            JsonNode progress = service.get(path("/progress"));
            applied += progress.get("applied").asLong();
            if (progress.get("rolling").asBoolean()) {
              return false;
            }
          }
          return applied == APPLIED_PER_EVENT * sent.size();
        },
        LIMIT,
        () -> progress(killed) + "\n" + progress(other));
  }

  private void equalsTheOracle(RunningFeatureStore service)
      throws IOException, InterruptedException {
    long[] counts = new long[USERS + 1];
    List<Set<Object>> items = new ArrayList<>();
    for (int i = 0; i <= USERS; i++) {
      items.add(new HashSet<>());
    }
    for (int i = 0; i < sent.size(); i++) {
      counts[i % USERS]++;
      items.get(i % USERS).add(sent.get(i).data().get("item"));
    }
    List<Long> shown = values(service, "user_impressions.n_1h");
    List<Long> different = values(service, "user_items.items");
    for (int i = 0; i <= USERS; i++) {
      assertThat(shown.get(i)).as("user " + i).isEqualTo(counts[i]);
      assertThat(different.get(i)).as("user " + i).isEqualTo(items.get(i).size());
    }
  }

  private void nothingIsLeft() {
    Generation former = Generation.of(before);
    String id = app + "-feature-store-features-" + former.hash();
    try (RedisOnlineStore redis = new RedisOnlineStore(Backends.redis().uri(), 0)) {
      List<byte[]> keys = new ArrayList<>();
      for (FeatureGroup group : former.groups()) {
        byte[] prefix = OnlineKey.prefix(former, group);
        keys.add(OnlineKey.mark(prefix));
        for (int i = 0; i < USERS; i++) {
          keys.add(OnlineKey.of(prefix, (group.entity().equals("user") ? "u" : "item") + i));
        }
      }
      Await.until(
          () ->
              redis.read(keys).toCompletableFuture().join().stream().allMatch(each -> each == null)
                  && live.admin.listTopics().names().get().stream()
                      .noneMatch(topic -> topic.startsWith(id))
                  && live.admin.listGroups().all().get().stream()
                      .map(GroupListing::groupId)
                      .noneMatch(id::equals),
          LIMIT,
          () -> "something is left of " + id);
    }
  }

  private String progress(RunningFeatureStore service) {
    try {
      return service.get(path("/progress")) + "\n" + service.tail();
    } catch (IOException e) {
      return e + "\n" + service.tail();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
