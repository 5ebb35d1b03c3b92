// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.millrace.bench.BenchException;
import io.millrace.onlineapi.KeyColumn;
import io.millrace.onlineapi.OnlineFeaturesGrpc;
import io.millrace.onlineapi.ReadRequest;
import io.millrace.onlineapi.ReadResponse;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Online reads over gRPC as a client makes them: with a key that has the role to read, a deadline,
 * the names of the columns remembered, and every value, status and age of the answer read.
 * Thread-safe.
 */
final class OnlineCalls implements AutoCloseable {
  private static final int DEADLINE_MS = 2_000;
  private static final int ANSWER_BYTES_MAX = 64 << 20;

  private final ManagedChannel channel;
  private final OnlineFeaturesGrpc.OnlineFeaturesBlockingStub stub;
  private final AtomicLong layout = new AtomicLong();

  OnlineCalls(int port) {
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .directExecutor()
            .maxInboundMessageSize(ANSWER_BYTES_MAX)
            .build();
    Metadata key = new Metadata();
    key.put(Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER), WideApplication.READER);
    stub =
        OnlineFeaturesGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(key));
  }

  /** One read; false where it was turned away. */
  boolean read(int rows, int views, SplittableRandom random) {
    KeyColumn.Builder keys = KeyColumn.newBuilder().setEntity(WideApplication.ENTITY);
    for (int row = 0; row < rows; row++) {
      keys.addValues(WideApplication.key(random.nextInt(WideApplication.ENTITIES)));
    }
    ReadRequest.Builder request =
        ReadRequest.newBuilder()
            .setApp(WideApplication.APP)
            .addKeys(keys)
            .setKnownLayout(layout.get());
    for (int view = 0; view < views; view++) {
      request.addViews(WideApplication.view(view));
    }
    ReadResponse answer;
    try {
      answer = stub.withDeadlineAfter(DEADLINE_MS, TimeUnit.MILLISECONDS).read(request.build());
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      if (code == Status.Code.RESOURCE_EXHAUSTED || code == Status.Code.UNAVAILABLE) {
        return false;
      }
      throw new BenchException("a read failed: " + e.getStatus(), e);
    }
    layout.set(answer.getLayout());
    int present = present(answer, rows * views * WideApplication.FEATURES);
    if (present != rows * views * WideApplication.FEATURES) {
      throw new BenchException("of the values " + present + " were there");
    }
    return true;
  }

  /** Reads every value, age and status; returns how many values were present. */
  private static int present(ReadResponse answer, int wanted) {
    long sum = 0;
    double total = 0;
    for (int i = 0; i < answer.getIntegersCount(); i++) {
      sum += answer.getIntegers(i);
    }
    for (int i = 0; i < answer.getDoublesCount(); i++) {
      total += answer.getDoubles(i);
    }
    for (int i = 0; i < answer.getAgesMsCount(); i++) {
      sum += answer.getAgesMs(i);
    }
    int absent = 0;
    for (int i = 0; i < answer.getStatus().size(); i++) {
      absent += answer.getStatus().byteAt(i) == 0 ? 0 : 1;
    }
    if (sum == 0 || Double.isNaN(total) || answer.getRows() != answer.getAgesMsCount()) {
      throw new BenchException("an answer without values or ages");
    }
    int values = answer.getIntegersCount() + answer.getDoublesCount();
    return values + absent == wanted || answer.getStatus().isEmpty() ? values : -1;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
