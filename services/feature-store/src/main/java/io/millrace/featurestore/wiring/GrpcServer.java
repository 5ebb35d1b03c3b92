// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.millrace.featurestore.adapter.grpc.GrpcOnline;
import io.millrace.onlineapi.OnlineFeaturesGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** The gRPC port: online features, health, reflection. Thread-safe. */
final class GrpcServer implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcServer.class);
  private static final int REQUEST_BYTES_MAX = 4 << 20;
  private static final int METADATA_BYTES_MAX = 16 << 10;
  private static final long GRACE_S = 5;

  private final GrpcOnline online;
  private final InetSocketAddress address;
  private @Nullable Server server;
  private @Nullable ExecutorService executor;

  GrpcServer(GrpcOnline online, InetSocketAddress address) {
    this.online = online;
    this.address = address;
  }

  @Override
  public synchronized void start() {
    ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus(OnlineFeaturesGrpc.SERVICE_NAME, ServingStatus.SERVING);
    try {
      Server started =
          NettyServerBuilder.forAddress(address)
              .executor(calls)
              .maxInboundMessageSize(REQUEST_BYTES_MAX)
              .maxInboundMetadataSize(METADATA_BYTES_MAX)
              .intercept(GrpcOnline.keyReader())
              .addService(online.definition())
              .addService(health.getHealthService())
              .addService(ProtoReflectionServiceV1.newInstance())
              .build()
              .start();
      server = started;
      executor = calls;
      LOG.info("gRPC on port {}", started.getPort());
    } catch (IOException e) {
      calls.shutdownNow();
      throw new UncheckedIOException("cannot listen on " + address, e);
    }
  }

  @Override
  public synchronized void stop() {
    Server running = server;
    if (running == null) {
      return;
    }
    try {
      if (!running.shutdown().awaitTermination(GRACE_S, TimeUnit.SECONDS)) {
        running.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      running.shutdownNow();
    }
    if (executor != null) {
      executor.shutdown();
    }
    server = null;
  }

  @Override
  public synchronized boolean isRunning() {
    return server != null;
  }
}
