// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.contract.Event;
import io.millrace.common.topic.Topics;
import io.millrace.datasets.Dataset;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/**
 * Datasets of two instances behind one address: each answers for those of both, an event that only
 * the other one has processed makes the same question a new dataset, and what an instance had that
 * is killed is built by the one that is left.
 */
final class DatasetsOfInstances {
  private static final Duration LIMIT = LiveBackends.LIMIT;
  private static final int ORDERS = 400;
  private static final int CUSTOMERS = 20;
  private static final long STEP_MS = 60_000;
  private static final Map<String, Object> LABELLED = Map.of();

  private final LiveBackends live;
  private final Path folder;
  private final RunningFeatureStore owner;
  private final RunningFeatureStore other;
  private final String app = Backends.uniqueName("again");
  private final Topics topics = new Topics(app);
  private final List<Event> sent = new ArrayList<>();

  /** Of the owner, before it is killed. */
  private final List<String> owned = new ArrayList<>();

  /** Of the other, while the owner is gone. */
  private String anew = "";

  /** Time of the next order after all that have a label; every one is later than those before. */
  private long next = Definitions.T0 + 30 * Definitions.HOUR;

  /**
   * @param folder of the instances, by name
   * @param owner is asked first; named "owner"
   * @param other named "other"
   */
  DatasetsOfInstances(
      LiveBackends live, Path folder, RunningFeatureStore owner, RunningFeatureStore other) {
    this.live = live;
    this.folder = folder;
    this.owner = owner;
    this.other = other;
  }

  /** Applies the application and sends its orders. */
  void apply() {
    // A restart reads of the deletion too, and must not take it for news.
    live.apply(Definitions.reorders(app), 1);
    live.delete(app);
    live.apply(Definitions.reorders(app), 2);
    for (int i = 0; i < ORDERS; i++) {
      sent.add(
          Definitions.order(
              app, "o" + i, "c" + i % CUSTOMERS, Definitions.T0 + i * STEP_MS, i % 16 + 0.25));
    }
    live.send(topics, sent);
    // Ends the windows of all orders so far, in every partition.
    for (int i = 0; i < CUSTOMERS; i++) {
      order("c" + i, 1);
    }
  }

  private void order(String customer, double amount) {
    next += STEP_MS;
    Event order = Definitions.order(app, "o" + sent.size(), customer, next, amount);
    sent.add(order);
    live.send(topics, List.of(order));
  }

  /** What either answers while both are there. */
  void areOfBoth() throws IOException, InterruptedException {
    Await.until(
        () -> applied(owner) + applied(other) == sent.size() && applied(other) > 0,
        LIMIT,
        other::tail);
    eachAnswersForBoth(agreed());
    equalQuestionsAtOneMoment_areBuiltOnce();
    eventsOfTheOther_makeANewDataset();
    order("c0", 1);
    owned.add(ask(owner, LABELLED));
  }

  /** The owner was killed, perhaps while it was building. */
  void areBuiltByTheOther() throws IOException, InterruptedException {
    for (String lost : owned) {
      assertThatThrownBy(() -> other.get(path("/datasets/" + lost)))
          .hasMessageContaining("502")
          .hasMessageContaining("instance 'owner'");
      assertThat(other.status(path("/datasets/" + lost + "/files/rows.parquet"))).isEqualTo(502);
    }
    anew = labelled(other);
    rowsEqualTheOracle(rows(other, anew));
  }

  /** The owner is back. */
  void areOfBothAgain() throws IOException, InterruptedException {
    assertThat(ready(owner, anew)).isEqualTo(ready(other, anew));
    for (String id : owned) {
      // It goes on with what it was building.
      assertThat(ready(other, id).get("rows").asLong()).isEqualTo(ORDERS);
    }
    order("c0", 1);
    String after = labelled(owner);
    assertThat(owned).doesNotContain(after);
    rowsEqualTheOracle(rows(owner, after));
  }

  /** Neither instance removes what the other one has written anew. */
  void areThoseOfAnApplicationDeletedAndAppliedAtOnce() throws IOException, InterruptedException {
    live.delete(app);
    live.apply(Definitions.reorders(app), 3);
    Await.until(() -> applied(owner) + applied(other) < sent.size(), LIMIT, other::tail);
    Await.until(
        () -> applied(owner) + applied(other) == sent.size() && applied(other) > 0,
        LIMIT,
        other::tail);
    rowsEqualTheOracle(rows(owner, labelled(owner)));
    rowsEqualTheOracle(rows(other, labelled(other)));
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  private long applied(RunningFeatureStore service) {
    try {
      return service.get(path("/progress")).get("applied").asLong();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String ask(RunningFeatureStore service, Map<String, Object> request)
      throws IOException, InterruptedException {
    return service.post(path("/datasets"), request).get("datasetId").asString();
  }

  private JsonNode ready(RunningFeatureStore service, String id) {
    return Await.value(
        () -> {
          JsonNode job = service.get(path("/datasets/" + id));
          assertThat(job.get("status").asString()).as(job.toString()).isNotEqualTo("FAILED");
          return job.get("status").asString().equals("READY")
              ? Optional.of(job.get("manifest"))
              : Optional.empty();
        },
        LIMIT,
        () -> id + " is not ready: " + service.tail());
  }

  /** Asks until all windows that can be closed are. */
  private String labelled(RunningFeatureStore service) {
    return Await.value(
        () -> {
          String id = ask(service, LABELLED);
          return ready(service, id).get("rows").asLong() == ORDERS
              ? Optional.of(id)
              : Optional.empty();
        },
        LIMIT,
        () -> "not every order has its label: " + service.tail());
  }

  /** The dataset that both name; until the last window is closed each question is a new one. */
  private String agreed() {
    return Await.value(
        () -> {
          String id = labelled(owner);
          return ask(other, LABELLED).equals(id) && ask(owner, LABELLED).equals(id)
              ? Optional.of(id)
              : Optional.empty();
        },
        LIMIT,
        () -> "the instances do not agree: " + other.tail());
  }

  private boolean isAt(String instance, String id) {
    return Files.exists(
        folder.resolve(instance).resolve("feature-store/datasets").resolve(app).resolve(id));
  }

  private byte[] rows(RunningFeatureStore service, String id)
      throws IOException, InterruptedException {
    return service.bytes(path("/datasets/" + id + "/files/rows.parquet"));
  }

  private void eachAnswersForBoth(String id) throws IOException, InterruptedException {
    JsonNode manifest = ready(owner, id);
    assertThat(ready(other, id)).isEqualTo(manifest);
    byte[] bytes = rows(owner, id);
    assertThat(rows(other, id)).isEqualTo(bytes);
    rowsEqualTheOracle(bytes);

    assertThat(isAt("owner", id)).as("is built once").isNotEqualTo(isAt("other", id));
    if (isAt("owner", id)) {
      owned.add(id);
    }
    assertThat(other.status(path("/datasets/ds-000000000000"))).isEqualTo(404);
    assertThat(other.status(path("/datasets/" + id + "/files/other.parquet"))).isEqualTo(404);
  }

  /** Each labelled order with what its customer had spent by then. */
  private void rowsEqualTheOracle(byte[] bytes) throws IOException {
    Dataset rows = Dataset.read(Files.write(folder.resolve("rows.parquet"), bytes));
    assertThat(rows.rows()).isEqualTo(ORDERS);
    Map<String, Double> spent = new HashMap<>();
    for (int i = 0; i < ORDERS; i++) {
      double sum = spent.merge(String.valueOf(sent.get(i).key()), amount(sent.get(i)), Double::sum);
      assertThat(rows.numbers("spend.sum_10h")[i]).as("row " + i).isCloseTo(sum, within(1e-6));
    }
  }

  private static double amount(Event order) {
    return (double) order.data().get("amount");
  }

  /** Both are asked, and neither knows yet of what the other one does. */
  private void equalQuestionsAtOneMoment_areBuiltOnce() {
    for (int round = 1; round <= 3; round++) {
      Map<String, Object> question = Map.of("sample", round / 10.0);
      CompletableFuture<String> theirs =
          CompletableFuture.supplyAsync(() -> asked(other, question));
      String id = asked(owner, question);
      assertThat(theirs.join()).isEqualTo(id);
      assertThat(ready(owner, id)).isEqualTo(ready(other, id));
      assertThat(isAt("owner", id)).as("is built once").isNotEqualTo(isAt("other", id));
    }
  }

  private String asked(RunningFeatureStore service, Map<String, Object> question) {
    try {
      return ask(service, question);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void eventsOfTheOther_makeANewDataset() throws IOException, InterruptedException {
    String customer = customerOfTheOther();
    // A moment in the future, so that each further order counts.
    long moment = next + 60 * STEP_MS;
    String spine =
        owner
            .send(
                path("/datasets/spines"),
                ("customer,moment\n" + customer + "," + moment + "\n")
                    .getBytes(StandardCharsets.UTF_8))
            .get("id")
            .asString();
    Map<String, Object> question =
        Map.of("spine", spine, "features", List.of("spend.sum_10h"), "pseudonymous", false);
    String before = ask(owner, question);
    double spent = onlyValue(owner, before);
    assertThat(ask(other, question)).as("it asks the one that has the file").isEqualTo(before);

    order(customer, 7);
    // At once: nobody has to have processed it.
    String after = ask(owner, question);
    assertThat(after).isNotEqualTo(before);
    assertThat(onlyValue(other, after)).isCloseTo(spent + 7, within(1e-6));
    assertThat(ask(owner, question)).as("nothing is new").isEqualTo(after);
  }

  private double onlyValue(RunningFeatureStore service, String id)
      throws IOException, InterruptedException {
    ready(service, id);
    Path file = Files.write(folder.resolve(id + ".parquet"), rows(service, id));
    return Dataset.read(file).numbers("spend.sum_10h")[0];
  }

  /** A customer whose orders the other instance processes and the owner does not. */
  private String customerOfTheOther() {
    for (int i = 0; i < CUSTOMERS; i++) {
      long before = applied(other);
      order("c" + i, 1);
      Await.until(() -> applied(other) + applied(owner) == sent.size(), LIMIT, other::tail);
      if (applied(other) > before) {
        return "c" + i;
      }
    }
    throw new AssertionError("the owner has all partitions");
  }
}
