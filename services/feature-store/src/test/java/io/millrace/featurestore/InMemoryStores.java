// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.serde.EventSerde;
import io.millrace.features.pit.KnownEvent;
import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.HistoryRun;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.Moment;
import io.millrace.featurestore.history.MomentStore;
import io.millrace.featurestore.history.SettlingStore;
import io.millrace.featurestore.online.OnlineStore;
import io.millrace.featurestore.online.StoredValue;
import io.millrace.featurestore.online.WholeMark;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The four ports in memory, for layers that need no daemon. Not thread-safe. */
public final class InMemoryStores implements OnlineStore, HistoryStore, MomentStore, SettlingStore {
  public final Map<String, byte[]> online = new TreeMap<>();
  public final Map<HistoryKey, TreeMap<Long, HistoryRow>> history = new HashMap<>();
  public final List<HistoryRow> late = new ArrayList<>();
  public final Map<String, Moment> moments = new TreeMap<>();
  public final Map<Integer, Long> closed = new TreeMap<>();

  /** A history as texts, a line for each row, to be compared with another. */
  public static Map<HistoryKey, List<String>> texts(
      Map<HistoryKey, TreeMap<Long, HistoryRow>> history) {
    Map<HistoryKey, List<String>> texts = new HashMap<>();
    history.forEach(
        (key, rows) ->
            texts.put(
                key,
                rows.values().stream()
                    .map(
                        row ->
                            row.seq()
                                + " "
                                + row.id()
                                + " "
                                + row.eventTimeMs()
                                + " "
                                + row.knownAtMs()
                                + " "
                                + Arrays.hashCode(row.data()))
                    .toList()));
    return texts;
  }

  /** Request → the parts that have answered. */
  public final Map<String, Set<String>> settling = new ConcurrentHashMap<>();

  @Override
  public CompletionStage<Void> request(String app, String request) {
    settling.put(request, ConcurrentHashMap.newKeySet());
    return done();
  }

  @Override
  public CompletionStage<Map<String, Set<String>>> read(String app) {
    Map<String, Set<String>> found = new HashMap<>();
    settling.forEach((request, parts) -> found.put(request, Set.copyOf(parts)));
    return CompletableFuture.completedFuture(found);
  }

  @Override
  public CompletionStage<Void> answer(String app, String request, String part) {
    settling.computeIfPresent(
        request,
        (key, parts) -> {
          parts.add(part);
          return parts;
        });
    return done();
  }

  @Override
  public CompletionStage<Void> end(String app, String request) {
    settling.remove(request);
    return done();
  }

  /** Keys whose values are at hand without a read. */
  public Predicate<String> atHand = key -> false;

  @Override
  public @Nullable StoredValue known(byte[] key) {
    String text = new String(key, StandardCharsets.UTF_8);
    byte[] bytes = online.get(text);
    if (bytes == null || !atHand.test(text)) {
      return null;
    }
    return new StoredValue() {
      @Override
      public byte[] bytes() {
        return bytes;
      }

      @Override
      public boolean isCurrent() {
        return Arrays.equals(online.get(text), bytes) && atHand.test(text);
      }
    };
  }

  /** Which life of the online store this is. */
  public volatile String epoch = "one";

  @Override
  public String epoch() {
    return epoch;
  }

  /** Whether marks of what is whole are kept, as a store that can lose everything does. */
  public volatile boolean marks;

  /** Key of a mark → its value. */
  public final Map<String, byte[]> whole = new ConcurrentHashMap<>();

  @Override
  public boolean keepsWhole() {
    return marks;
  }

  @Override
  public CompletionStage<Boolean> whole(byte[] mark, String ofEpoch, int part, int parts) {
    if (!ofEpoch.equals(epoch)) {
      return CompletableFuture.completedFuture(false);
    }
    whole.merge(
        new String(mark, StandardCharsets.UTF_8),
        with(Arrays.copyOf(WholeMark.head(parts), 2 + (parts + 7) / 8), part),
        (before, now) -> with(before.clone(), part));
    return CompletableFuture.completedFuture(true);
  }

  private static byte[] with(byte[] mark, int part) {
    int bit = WholeMark.HEAD_BITS + part;
    mark[bit / 8] |= (byte) (0x80 >> (bit % 8));
    return mark;
  }

  private static CompletionStage<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> write(List<Put> puts) {
    puts.forEach(put -> online.put(new String(put.key(), StandardCharsets.UTF_8), put.value()));
    return done();
  }

  @Override
  public CompletionStage<List<byte @Nullable []>> read(List<byte[]> keys) {
    List<byte @Nullable []> values = new ArrayList<>();
    for (byte[] key : keys) {
      String text = new String(key, StandardCharsets.UTF_8);
      values.add(online.containsKey(text) ? online.get(text) : whole.get(text));
    }
    return CompletableFuture.completedFuture(values);
  }

  @Override
  public void deleteByPrefix(String prefix) {
    online.keySet().removeIf(key -> key.startsWith(prefix));
  }

  /** Adds a run of one row. */
  public CompletionStage<Void> append(HistoryKey key, HistoryRow row) {
    HistoryRun run = new HistoryRun(row.seq());
    run.add(row.id(), row.eventTimeMs(), row.knownAtMs(), row.data());
    return append(key, run);
  }

  @Override
  public CompletionStage<Void> append(HistoryKey key, HistoryRun run) {
    TreeMap<Long, HistoryRow> rows = history.computeIfAbsent(key, absent -> new TreeMap<>());
    HistoryRun.read(
        run.firstSeq(),
        ByteBuffer.wrap(run.toBytes()),
        row -> {
          rows.put(row.seq(), row);
          return true;
        });
    return done();
  }

  @Override
  public void flush() {}

  @Override
  public CompletionStage<Void> appendLate(HistoryKey key, HistoryRow row) {
    late.add(row);
    return done();
  }

  @Override
  public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
    for (HistoryRow row :
        history.getOrDefault(key, new TreeMap<>()).tailMap(afterSeq, false).values()) {
      if (!reader.test(
          new HistoricEvent(
              row.seq(),
              new KnownEvent(
                  row.eventTimeMs(),
                  row.knownAtMs(),
                  row.id(),
                  EventSerde.readData(row.data()))))) {
        return;
      }
    }
  }

  @Override
  public List<String> someKeys(HistoryKey like, int max) {
    return history.keySet().stream()
        .filter(
            key ->
                key.equals(
                    new HistoryKey(
                        like.app(), like.event(), like.entity(), like.lineage(), key.key())))
        .map(HistoryKey::key)
        .sorted()
        .limit(max)
        .toList();
  }

  @Override
  public void deleteLineage(String app, String lineage) {
    history.keySet().removeIf(key -> key.app().equals(app) && key.lineage().equals(lineage));
  }

  @Override
  public void deleteAll(String app) {
    history.keySet().removeIf(key -> key.app().equals(app));
  }

  @Override
  public CompletionStage<Void> put(
      String labelHash,
      int partition,
      int shard,
      Event event,
      Map<String, String> entities,
      byte[] data) {
    Moment before = moments.get(labelHash + event.id());
    moments.put(
        labelHash + event.id(),
        new Moment(
            event.id(),
            partition,
            event.eventTimeMs(),
            event.knownAtMs(),
            entities,
            EventSerde.readData(data),
            before == null ? null : before.label()));
    return done();
  }

  @Override
  public CompletionStage<Void> label(String labelHash, int shard, OutcomeLabelled label) {
    Moment moment = moments.get(labelHash + label.predictionId());
    if (moment == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("label before its moment"));
    }
    moments.put(
        labelHash + label.predictionId(),
        new Moment(
            moment.id(),
            moment.partition(),
            moment.momentMs(),
            moment.knownAtMs(),
            moment.entities(),
            moment.data(),
            new Moment.MomentLabel(
                label.value(), label.provenance().name(), label.revision(), label.knownAtMs())));
    return done();
  }

  @Override
  public CompletionStage<Void> closed(
      String app, String labelHash, int partition, long streamTimeMs) {
    closed.put(partition, streamTimeMs);
    return done();
  }

  @Override
  public Map<Integer, Long> closed(String app, String labelHash) {
    return Map.copyOf(closed);
  }

  @Override
  public void read(String app, String labelHash, long fromMs, long toMs, Consumer<Moment> reader) {
    moments.entrySet().stream()
        .filter(each -> each.getKey().startsWith(labelHash))
        .map(Map.Entry::getValue)
        .filter(moment -> moment.momentMs() >= fromMs && moment.momentMs() < toMs)
        .sorted(Comparator.comparingLong(Moment::momentMs).thenComparing(Moment::id))
        .forEach(reader);
  }

  @Override
  public void delete(String app, String labelHash) {
    moments.keySet().removeIf(key -> key.startsWith(labelHash));
  }
}
