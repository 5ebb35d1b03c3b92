// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.topic;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.PredictionRequested;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.EventSerde;
import io.millrace.common.serde.JsonSerde;
import io.millrace.features.definition.FeatureViewDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Every topic. Names are {@code <app>.<stream>[.<name>]}, so that one prefix rule covers an
 * application. Immutable; one instance per application.
 */
public final class Topics {
  /** Partitions of the streams that carry load; the others have one. */
  public static final int PARTITIONS = 4;

  /** The definitions, keyed by application. */
  public static final Topic<String, ApplicationApplied> APPLICATIONS =
      new Topic<>(
          "millrace.applications",
          Serdes.String(),
          new JsonSerde<>(ApplicationApplied.class),
          1,
          null,
          true,
          "ingest");

  private static final Duration DEAD_LETTER_RETENTION = Duration.ofDays(30);
  private static final Duration RAW_RETENTION = Duration.ofDays(7);
  private static final Duration PREDICTION_RETENTION = Duration.ofDays(30);

  private final String app;

  public Topics(String app) {
    this.app = app;
  }

  /** What outsiders write: any key, any bytes. */
  public Topic<byte[], byte[]> raw(String event) {
    return new Topic<>(
        app + ".raw." + event,
        Serdes.ByteArray(),
        Serdes.ByteArray(),
        PARTITIONS,
        RAW_RETENTION,
        false,
        "ingest");
  }

  /** Accepted events, keyed by the primary entity's key, kept for ever: replay needs them. */
  public Topic<String, Event> events(String event) {
    return new Topic<>(
        app + ".events." + event,
        Serdes.String(),
        new EventSerde(),
        PARTITIONS,
        null,
        false,
        "ingest");
  }

  /**
   * Features as of each event of the views that are emitted, keyed by the entity's key: JSON as
   * {@link io.millrace.common.serde.FeatureVectors} writes it.
   */
  public Topic<String, byte[]> features() {
    return new Topic<>(
        app + ".features",
        Serdes.String(),
        Serdes.ByteArray(),
        PARTITIONS,
        RAW_RETENTION,
        false,
        "feature-store");
  }

  /** Dead letters of every service, keyed by event id. */
  public Topic<String, EventRejected> rejected() {
    return json("rejected", EventRejected.class, 1, DEAD_LETTER_RETENTION, false, "ingest");
  }

  /** Labels, keyed by prediction id. */
  public Topic<String, OutcomeLabelled> labels() {
    return json("labels", OutcomeLabelled.class, PARTITIONS, null, false, "feature-store");
  }

  /** Data verdicts, keyed by {@code <event>/<span>}. */
  public Topic<String, DataVerdict> dataVerdicts() {
    return json("verdicts.data", DataVerdict.class, 1, null, true, "validator");
  }

  /** Verdicts on skew, keyed by {@code <event>/<span>}. */
  public Topic<String, SkewJudged> skewVerdicts() {
    return json("verdicts.skew", SkewJudged.class, 1, null, true, "validator");
  }

  /** What people decided about schemas, keyed by event. */
  public Topic<String, SchemaDecided> schemaDecisions() {
    return json("schemas", SchemaDecided.class, 1, null, false, "validator");
  }

  /** Training requests, keyed by run id. */
  public Topic<String, TrainingRequested> training() {
    return json("training", TrainingRequested.class, 1, null, false, "trainer");
  }

  /** Model versions, keyed by version. */
  public Topic<String, ModelVersionChanged> models() {
    return json("models", ModelVersionChanged.class, 1, null, true, "trainer");
  }

  /** Asynchronous prediction requests, keyed by entity key. */
  public Topic<String, PredictionRequested> requests() {
    return json(
        "requests", PredictionRequested.class, PARTITIONS, RAW_RETENTION, false, "inference");
  }

  /** Predictions, keyed by the primary entity's key. */
  public Topic<String, PredictionServed> predictions() {
    return json(
        "predictions",
        PredictionServed.class,
        PARTITIONS,
        PREDICTION_RETENTION,
        false,
        "inference");
  }

  /** Drift verdicts, keyed by subject. */
  public Topic<String, DriftDetected> drift() {
    return json("drift", DriftDetected.class, 1, null, false, "monitor");
  }

  /** Alerts, keyed by alert id. */
  public Topic<String, AlertRaised> alerts() {
    return json("alerts", AlertRaised.class, 1, null, true, "monitor");
  }

  /** Every topic of an application; ingest creates them all before a definition is published. */
  public List<Topic<?, ?>> all(ApplicationDefinition definition) {
    List<Topic<?, ?>> topics = new ArrayList<>();
    for (String event : definition.events().keySet()) {
      topics.add(raw(event));
      topics.add(events(event));
    }
    topics.addAll(
        List.of(
            rejected(),
            labels(),
            dataVerdicts(),
            skewVerdicts(),
            schemaDecisions(),
            training(),
            models(),
            requests(),
            predictions(),
            drift(),
            alerts()));
    if (definition.featureViews().values().stream().anyMatch(FeatureViewDefinition::isEmitted)) {
      topics.add(features());
    }
    return topics;
  }

  private <T> Topic<String, T> json(
      String stream,
      Class<T> type,
      int partitions,
      @org.jspecify.annotations.Nullable Duration retention,
      boolean compacted,
      String owner) {
    Serde<T> serde = new JsonSerde<>(type);
    return new Topic<>(
        app + "." + stream, Serdes.String(), serde, partitions, retention, compacted, owner);
  }
}
