// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.redis;

import io.lettuce.core.ScriptOutputType;
import io.millrace.ingest.intake.IdHash;
import io.millrace.ingest.intake.IdLedger;
import io.millrace.ingest.intake.IntakeUnavailableException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ledger in Redis, about 150 bytes an id. Keys of an application share the hash tag {@code
 * {app}}, so that each step stays on one node of a cluster: {@code mr:{app}:i:<16 bytes>} an id,
 * {@code mr:{app}:books}, {@code mr:{app}:raw} offsets, {@code mr:{app}:s:<claim>} receipts of
 * settlements, {@code mr:{app}:version}.
 */
public final class RedisIdLedger implements IdLedger {
  private static final Duration RECEIPT = Duration.ofMinutes(10);
  private static final int SETTLE_TRIES = 3;
  private static final byte[] NOTHING = {};
  private static final byte[] DONE = {'D'};

  private final RedisConnection redis;
  private final RedisLease lease;
  private final byte[] horizonSeconds;

  /**
   * @param horizon how long ids are remembered
   */
  public RedisIdLedger(RedisConnection redis, RedisLease lease, Duration horizon) {
    this.redis = redis;
    this.lease = lease;
    this.horizonSeconds = text(Long.toString(horizon.toSeconds()));
  }

  @Override
  public List<Claim> claim(String app, Claimant mine, List<Ask> asks) {
    if (asks.isEmpty()) {
      return List.of();
    }
    byte[] prefix = text("mr:{" + app + "}:i:");
    byte[][] keys = new byte[asks.size()][];
    byte[][] arguments = new byte[asks.size() + 2][];
    arguments[0] = pending(mine);
    arguments[1] = horizonSeconds;
    for (int i = 0; i < keys.length; i++) {
      keys[i] = key(prefix, asks.get(i).id());
      Long content = asks.get(i).content();
      arguments[i + 2] = content == null ? NOTHING : bytes(content);
    }
    List<Object> answer = redis.script(Scripts.CLAIM, ScriptOutputType.MULTI, keys, arguments);
    if (answer == null) {
      throw new IllegalStateException("a claim has an answer");
    }
    byte[] letters = (byte[]) answer.getFirst();
    List<Claim> claims = new ArrayList<>(letters.length);
    int next = 1;
    for (byte letter : letters) {
      claims.add(
          switch (letter) {
            case 'C' -> Claim.Result.CLAIMED;
            case 'D' -> Claim.Result.DUPLICATE;
            default -> new Claim.Pending(claimant((byte[]) answer.get(next++)));
          });
    }
    return claims;
  }

  @Override
  public boolean takeOver(String app, IdHash id, Claimant from, Claimant mine) {
    Long swapped =
        redis.script(
            Scripts.SWAP,
            ScriptOutputType.INTEGER,
            keys(app, List.of(id)),
            new byte[][] {pending(from), pending(mine), horizonSeconds});
    return swapped != null && swapped == 1;
  }

  @Override
  public void release(String app, Claimant mine, List<IdHash> ids) {
    leave(app, mine, NOTHING, ids);
  }

  @Override
  public void giveUp(String app, Claimant mine, List<IdHash> ids) {
    leave(app, mine, pending(new Claimant(0, mine.serial(), mine.atMs())), ids);
  }

  private void leave(String app, Claimant mine, byte[] replacement, List<IdHash> ids) {
    if (!ids.isEmpty()) {
      redis.script(
          Scripts.LEAVE,
          ScriptOutputType.INTEGER,
          keys(app, ids),
          new byte[][] {pending(mine), replacement, horizonSeconds});
    }
  }

  @Override
  public Settled settle(
      String app,
      Claimant mine,
      List<Fate> fates,
      Map<String, Long> additions,
      List<Advance> advances) {
    List<byte[]> keys = new ArrayList<>(fates.size() + 3);
    keys.add(text("mr:{" + app + "}:books"));
    keys.add(text("mr:{" + app + "}:raw"));
    keys.add(text("mr:{" + app + "}:s:" + Long.toHexString(mine.epoch()) + ":" + mine.serial()));
    List<byte[]> arguments = new ArrayList<>(fates.size() + 64);
    arguments.add(pending(mine));
    arguments.add(horizonSeconds);
    arguments.add(text(Long.toString(RECEIPT.toSeconds())));
    arguments.add(text(Integer.toString(additions.size())));
    additions.forEach(
        (entry, number) -> {
          arguments.add(text(entry));
          arguments.add(text(Long.toString(number)));
        });
    arguments.add(text(Integer.toString(advances.size())));
    for (Advance advance : advances) {
      arguments.add(text(advance.partition()));
      arguments.add(text(Long.toString(Math.max(-1, advance.from()))));
      arguments.add(text(Long.toString(advance.next())));
    }
    byte[] prefix = text("mr:{" + app + "}:i:");
    for (Fate fate : fates) {
      keys.add(key(prefix, fate.id()));
      Long content = fate.rejectedContent();
      arguments.add(
          content == null
              ? DONE
              : ByteBuffer.allocate(1 + Long.BYTES).put((byte) 'R').putLong(content).array());
    }
    return settle(keys.toArray(new byte[0][]), arguments.toArray(new byte[0][]));
  }

  /** An answer that was lost is asked for again: the receipt makes that harmless. */
  private Settled settle(byte[][] keys, byte[][] arguments) {
    for (int attempt = 1; ; attempt++) {
      try {
        Long done = redis.script(Scripts.SETTLE, ScriptOutputType.INTEGER, keys, arguments);
        return done != null && done == 1 ? Settled.DONE : Settled.LOST;
      } catch (IntakeUnavailableException e) {
        if (attempt == SETTLE_TRIES) {
          throw e;
        }
      }
    }
  }

  @Override
  public Map<String, Long> entries(String app) {
    return numbers("mr:{" + app + "}:books");
  }

  @Override
  public Map<String, Long> offsets(String app) {
    return numbers("mr:{" + app + "}:raw");
  }

  private Map<String, Long> numbers(String key) {
    Map<byte[], byte[]> entries = redis.run(commands -> commands.hgetall(text(key)));
    Map<String, Long> numbers = new HashMap<>();
    if (entries != null) {
      entries.forEach((entry, number) -> numbers.put(string(entry), Long.valueOf(string(number))));
    }
    return numbers;
  }

  /** Forgets noted offsets of raw topics that were deleted. */
  public void forgetOffsets(String app, Set<String> partitions) {
    if (!partitions.isEmpty()) {
      byte[][] fields = partitions.stream().map(RedisIdLedger::text).toArray(byte[][]::new);
      redis.run(commands -> commands.hdel(text("mr:{" + app + "}:raw"), fields));
    }
  }

  /** The highest version of an application's definition so far; 0 where there was none. */
  public int version(String app) {
    byte[] version = redis.run(commands -> commands.get(text("mr:{" + app + "}:version")));
    return version == null ? 0 : Integer.parseInt(string(version));
  }

  /** Notes the version of a definition that is in force. */
  public void noteVersion(String app, int version) {
    redis.run(
        commands ->
            commands.set(text("mr:{" + app + "}:version"), text(Integer.toString(version))));
  }

  @Override
  public long epoch() {
    return lease.epoch();
  }

  @Override
  public boolean isAlive(long epoch) {
    return lease.isAlive(epoch);
  }

  @Override
  public boolean mayWrite() {
    return lease.mayWrite();
  }

  private static byte[][] keys(String app, List<IdHash> ids) {
    byte[] prefix = text("mr:{" + app + "}:i:");
    return ids.stream().map(id -> key(prefix, id)).toArray(byte[][]::new);
  }

  private static byte[] key(byte[] prefix, IdHash id) {
    return ByteBuffer.allocate(prefix.length + id.bytes().length)
        .put(prefix)
        .put(id.bytes())
        .array();
  }

  private static byte[] pending(Claimant claimant) {
    return ByteBuffer.allocate(1 + 3 * Long.BYTES)
        .put((byte) 'P')
        .putLong(claimant.epoch())
        .putLong(claimant.serial())
        .putLong(claimant.atMs())
        .array();
  }

  private static Claimant claimant(byte[] value) {
    ByteBuffer buffer = ByteBuffer.wrap(value, 1, value.length - 1);
    return new Claimant(buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String string(byte @Nullable [] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }
}
