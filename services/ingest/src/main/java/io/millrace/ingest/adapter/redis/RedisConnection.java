// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.millrace.ingest.intake.IntakeUnavailableException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One multiplexed connection to Redis with a deadline on every command. It is made at the first use
 * and mends itself; while Redis is away commands fail at once. Thread-safe.
 */
public final class RedisConnection implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final int QUEUED_MAX = 10_000;

  private final RedisClient client;
  private @Nullable StatefulRedisConnection<byte[], byte[]> connection;

  public RedisConnection(String uri) {
    RedisURI address = RedisURI.create(uri);
    address.setTimeout(TIMEOUT);
    client = RedisClient.create(address);
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(true)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .requestQueueSize(QUEUED_MAX)
            .socketOptions(SocketOptions.builder().connectTimeout(TIMEOUT).build())
            .build());
  }

  /** Runs one command. */
  public <T> @Nullable T run(Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
    try {
      return command.apply(commands()).get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RedisNoScriptException missing) {
        throw missing;
      }
      throw unavailable(e.getCause());
    } catch (RedisException | TimeoutException e) {
      throw unavailable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    }
  }

  /** Runs a script, by its digest where the server knows it. */
  <T> @Nullable T script(
      Scripts.Script script, ScriptOutputType type, byte[][] keys, byte[][] arguments) {
    try {
      return run(commands -> commands.evalsha(script.digest(), type, keys, arguments));
    } catch (RedisNoScriptException e) {
      return run(commands -> commands.eval(script.text(), type, keys, arguments));
    }
  }

  private synchronized RedisAsyncCommands<byte[], byte[]> commands() {
    if (connection == null) {
      connection = client.connect(ByteArrayCodec.INSTANCE);
    }
    return connection.async();
  }

  private static IntakeUnavailableException unavailable(@Nullable Throwable cause) {
    return new IntakeUnavailableException(
        "Redis does not answer", cause == null ? new RedisException("no cause") : cause);
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
