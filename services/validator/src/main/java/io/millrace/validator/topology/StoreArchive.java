// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.serde.JsonSerde;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.EventLedger;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.data.SpanPlan;
import io.millrace.validator.data.SpanSchema;
import io.millrace.validator.data.SpanStatistics;
import io.millrace.validator.data.SpanView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** Reads the stores of the running topologies. */
public final class StoreArchive implements SpanArchive {
  /** Verdicts that a view shows a span among. */
  private static final int MAX_AROUND = 90;

  /** Good spans that a view merges, as a page must not take long. */
  private static final int MAX_REFERENCE = 24;

  private final Function<String, @Nullable KafkaStreams> running;
  private final JsonSerde<DataVerdict> verdicts = new JsonSerde<>(DataVerdict.class);
  private final JsonSerde<SpanSchema> schemas = new JsonSerde<>(SpanSchema.class);
  private final JsonSerde<SpanJudging.StoredLedger> ledgers =
      new JsonSerde<>(SpanJudging.StoredLedger.class);

  /**
   * @param running application → its topology, null where none runs
   */
  public StoreArchive(Function<String, @Nullable KafkaStreams> running) {
    this.running = running;
  }

  @Override
  public List<DataVerdict> verdicts(String app, String event, int limit) {
    List<DataVerdict> found = upTo(app, event, SpanKeys.last(event), limit);
    silence(app, event).ifPresent(found::add);
    return found;
  }

  /** The last verdicts up to that of a key, oldest first. */
  private List<DataVerdict> upTo(String app, String event, String key, int most) {
    List<DataVerdict> found = new ArrayList<>();
    read(
        app,
        SpanCloser.VERDICTS,
        store -> {
          try (KeyValueIterator<String, byte[]> latest =
              store.reverseRange(SpanKeys.first(event), key)) {
            while (latest.hasNext() && found.size() < most) {
              DataVerdict verdict = verdicts.fromBytes(latest.next().value);
              if (verdict != null) {
                found.add(verdict);
              }
            }
          }
          return found;
        });
    Collections.reverse(found);
    return found;
  }

  private Optional<DataVerdict> silence(String app, String event) {
    return read(
        app,
        SpanCloser.PULSES,
        store -> Optional.ofNullable(verdicts.fromBytes(store.get(SilenceWatch.key(event)))));
  }

  @Override
  public List<String> open(String app, EventFacts event) {
    return read(
        app,
        SpanCloser.OPEN,
        store -> {
          List<String> found = new ArrayList<>();
          try (KeyValueIterator<String, byte[]> all =
              store.range(SpanKeys.first(event.event()), SpanKeys.last(event.event()))) {
            while (all.hasNext()) {
              long order = SpanKeys.order(all.next().key);
              found.add(
                  switch (event.plan()) {
                    case SpanPlan.EventTime plan -> plan.id(order);
                    case SpanPlan.Rows plan -> plan.id(order);
                  });
            }
          }
          return found;
        });
  }

  @Override
  public Optional<SpanView> span(String app, EventFacts event, String span) {
    if (span.equals(DataVerdict.SILENCE)) {
      return silence(app, event.event())
          .map(each -> new SpanView(each, null, null, null, 0, List.of()));
    }
    String key = SpanKeys.of(event.event(), event.plan().order(span));
    return read(app, SpanCloser.VERDICTS, store -> verdict(store, event.event(), key))
        .map(verdict -> view(app, event, key, verdict));
  }

  /** The verdict on a span; on one without rows it may be that on a longer stretch without. */
  private Optional<DataVerdict> verdict(
      ReadOnlyKeyValueStore<String, byte[]> store, String event, String key) {
    DataVerdict own = verdicts.fromBytes(store.get(key));
    if (own != null) {
      return Optional.of(own);
    }
    try (KeyValueIterator<String, byte[]> latest = store.reverseRange(SpanKeys.first(event), key)) {
      DataVerdict around = latest.hasNext() ? verdicts.fromBytes(latest.next().value) : null;
      return Optional.ofNullable(around)
          .filter(each -> each.rows() == 0 && each.endMs() > SpanKeys.order(key));
    }
  }

  @Override
  public Optional<DatasetProfile> statistics(String app, EventFacts event, String span) {
    if (span.equals(DataVerdict.SILENCE)) {
      return Optional.empty();
    }
    String key = SpanKeys.of(event.event(), event.plan().order(span));
    return read(app, SpanCloser.SPANS, store -> profile(store.get(key)));
  }

  private SpanView view(String app, EventFacts event, String key, DataVerdict verdict) {
    List<DataVerdict> around = upTo(app, event.event(), key, MAX_AROUND);
    List<String> good =
        around.stream()
            .filter(each -> each.status() == DataVerdict.Status.GOOD && each.rows() > 0)
            .filter(each -> !each.span().equals(verdict.span()))
            .map(each -> SpanKeys.of(event.event(), event.plan().order(each.span())))
            .toList();
    int wanted = Math.min(MAX_REFERENCE, EventLedger.referenceSpans(event.plan()));
    List<DatasetProfile> reference = new ArrayList<>();
    Optional<DatasetProfile> statistics =
        read(
            app,
            SpanCloser.SPANS,
            store -> {
              for (int i = good.size() - 1; i >= 0 && reference.size() < wanted; i--) {
                profile(store.get(good.get(i))).ifPresent(reference::add);
              }
              return profile(store.get(key));
            });
    return new SpanView(
        verdict,
        statistics.orElse(null),
        schema(app, event.event(), verdict.schemaVersion()).orElse(null),
        merged(reference),
        reference.size(),
        around);
  }

  private static Optional<DatasetProfile> profile(byte @Nullable [] bytes) {
    return bytes == null
        ? Optional.empty()
        : Optional.of(SpanStatistics.fromBytes(bytes).profile());
  }

  private static @Nullable DatasetProfile merged(List<DatasetProfile> profiles) {
    if (profiles.isEmpty()) {
      return null;
    }
    DatasetProfile all = new DatasetProfile(SpanStatistics.MAX_COLUMNS);
    profiles.forEach(all::merge);
    return all;
  }

  @Override
  public List<SpanSchema> schemas(String app, String event) {
    return read(
        app,
        SpanCloser.SCHEMAS,
        store -> {
          List<SpanSchema> found = new ArrayList<>();
          try (KeyValueIterator<String, byte[]> all =
              store.range(SpanKeys.first(event), SpanKeys.last(event))) {
            while (all.hasNext()) {
              SpanSchema schema = schemas.fromBytes(all.next().value);
              if (schema != null) {
                found.add(schema);
              }
            }
          }
          return found;
        });
  }

  @Override
  public Optional<SpanSchema> proposal(String app, String event) {
    return read(
            app,
            SpanCloser.LEDGERS,
            store -> Optional.ofNullable(ledgers.fromBytes(store.get(event))))
        .map(SpanJudging.StoredLedger::proposal);
  }

  @Override
  public Optional<SpanSchema> schema(String app, String event, int version) {
    return read(
        app,
        SpanCloser.SCHEMAS,
        store -> Optional.ofNullable(schemas.fromBytes(store.get(SpanKeys.of(event, version)))));
  }

  private <T> T read(
      String app, String name, Function<ReadOnlyKeyValueStore<String, byte[]>, T> reader) {
    KafkaStreams streams = running.apply(app);
    if (streams == null) {
      throw new ArchiveUnavailableException(
          "the validation of '" + app + "' is starting", new IllegalStateException(app));
    }
    try {
      return reader.apply(
          streams.store(
              StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.keyValueStore())));
    } catch (InvalidStateStoreException e) {
      throw new ArchiveUnavailableException(
          "the verdicts of '" + app + "' are being restored, or another instance holds them", e);
    }
  }
}
