// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.serde.EventSerde;
import io.millrace.datasets.DatasetManifest;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.adapter.csv.CsvSpine;
import io.millrace.featurestore.adapter.file.SpineFiles;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.online.EntityKeys;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/** Customers, their orders, and a file of moments; the same in every process. */
final class SpineFixture {
  static final String APP = "orders";
  static final int CUSTOMERS = 400;
  static final int ORDERS = 6_000;
  static final long STEP_MS = 60_000;

  final ApplicationDefinition definition = Definitions.reorders(APP);
  final Generation generation = Generation.of(definition);
  final ApplicationApplied applied = new ApplicationApplied(APP, 1, "hash", 0, definition);
  final InMemoryStores stores = new InMemoryStores();
  final List<Event> orders = new ArrayList<>();

  SpineFixture() {
    Random random = new Random(5);
    FeatureGroup group = Objects.requireNonNull(generation.find("spend")).group();
    int[] seqs = new int[CUSTOMERS];
    for (int i = 0; i < ORDERS; i++) {
      int customer = random.nextInt(CUSTOMERS);
      long known = Definitions.T0 + i * STEP_MS;
      long time = known - (random.nextInt(5) == 0 ? random.nextInt(9 * 60_000) : 0);
      Event order =
          new Event(
              APP,
              "order",
              "o" + i,
              "c" + customer,
              time,
              known,
              java.util.Map.of("customer", "c" + customer, "amount", random.nextInt(1000) / 10.0));
      orders.add(order);
      stores.append(
          HistoryKey.of(APP, group, "c" + customer),
          new HistoryRow(
              ++seqs[customer], order.id(), time, known, EventSerde.writeData(order.data())));
    }
  }

  static Spines spines(Path folder) {
    return new Spines(
        folder.resolve("datasets"),
        new SpineFiles(CsvSpine::open),
        new EntityKeys(new Pseudonymiser("0123456789abcdef")::pseudonym)::ofSpine);
  }

  /** The moments of a spine: not in order, and of customers that are not known, too. */
  static String csv(int rows) {
    Random random = new Random(7);
    StringBuilder csv = new StringBuilder("customer,moment,note,score,label\n");
    for (int i = 0; i < rows; i++) {
      long moment = Definitions.T0 + (long) (random.nextDouble() * ORDERS * STEP_MS);
      csv.append(
          "c%d,%d,\"note, %d\",%d.5,%d%n"
              .formatted(random.nextInt(CUSTOMERS + 10), moment, i, i, i % 10 == 0 ? 1 : 0));
    }
    return csv.toString().replace(System.lineSeparator(), "\n");
  }

  static String send(Spines spines, String csv) throws IOException, Spines.TooLargeException {
    return spines
        .put(APP, new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)), 1 << 24)
        .id();
  }

  /** Builds a dataset of a spine from a history, one entity key after the other. */
  DatasetManifest build(HistoryStore history, Path folder, String spine)
      throws IOException, InterruptedException {
    return new DatasetBuilder(
            stores, history, spines(folder), kept(definition), 1, Duration.ofMinutes(1), "test")
        .build(
            "ds-000000000001",
            applied,
            generation,
            null,
            request(spine),
            Files.createDirectories(folder.resolve("build")),
            (phase, done, all) -> {});
  }

  /** A definition that answers, and does not change. */
  static KeptInputs kept(ApplicationDefinition definition) {
    ServingGenerations serving = new ServingGenerations();
    serving.serve(Generation.of(definition));
    return new KeptInputs(serving, app -> Optional.of(definition));
  }

  static DatasetRequest request(String spine) {
    return new DatasetRequest(
        null, null, null, 0.25, spine, null, null, null, null, null, null, null);
  }
}
