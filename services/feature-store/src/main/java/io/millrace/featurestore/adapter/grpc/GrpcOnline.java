// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.chassis.registry.ApplicationsUnreadException;
import io.millrace.chassis.registry.UnknownApplicationException;
import io.millrace.common.security.ApiKey;
import io.millrace.common.security.ApiKeys;
import io.millrace.common.serde.Json;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.online.DeniedException;
import io.millrace.featurestore.online.InvalidQuestionException;
import io.millrace.featurestore.online.NotServingException;
import io.millrace.featurestore.online.OnlineFeatures;
import io.millrace.featurestore.online.OverloadedException;
import io.millrace.featurestore.online.WireAnswer;
import io.millrace.featurestore.view.UnknownFeatureException;
import io.millrace.onlineapi.OnlineFeaturesGrpc;
import io.millrace.onlineapi.ReadRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code millrace.features.v1.OnlineFeatures}. The answer goes from the read's arrays to the socket
 * as bytes, without a message object. Thread-safe.
 */
public final class GrpcOnline {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcOnline.class);
  private static final Metadata.Key<String> API_KEY =
      Metadata.Key.of(ApiKey.HEADER.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<String> PRESENTED = Context.key("millrace-api-key");

  private final ApplicationRegistry registry;
  private final OnlineFeatures online;
  private final ApiKeys keys;
  private final InstantSource clock;

  public GrpcOnline(
      ApplicationRegistry registry, OnlineFeatures online, ApiKeys keys, InstantSource clock) {
    this.registry = registry;
    this.online = online;
    this.keys = keys;
    this.clock = clock;
  }

  /** The service, to be served. */
  public ServerServiceDefinition definition() {
    MethodDescriptor<ReadRequest, byte[]> read =
        OnlineFeaturesGrpc.getReadMethod().toBuilder(
                OnlineFeaturesGrpc.getReadMethod().getRequestMarshaller(), new BytesMarshaller())
            .build();
    ServiceDescriptor service =
        ServiceDescriptor.newBuilder(OnlineFeaturesGrpc.SERVICE_NAME)
            .setSchemaDescriptor(OnlineFeaturesGrpc.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(read)
            .build();
    return ServerServiceDefinition.builder(service)
        .addMethod(read, ServerCalls.asyncUnaryCall(this::read))
        .build();
  }

  private void read(ReadRequest request, StreamObserver<byte[]> answer) {
    byte[] bytes;
    try {
      bytes = answer(request);
    } catch (RuntimeException e) {
      answer.onError(status(e).asRuntimeException());
      return;
    }
    answer.onNext(bytes);
    answer.onCompleted();
  }

  private byte[] answer(ReadRequest request) {
    registry.require(request.getApp());
    ApiKeys.Principal caller = keys.reader(PRESENTED.get()).orElse(null);
    if (caller == null) {
      throw new UnauthenticatedException();
    }
    long asOf = request.hasAtMs() ? request.getAtMs() : clock.millis();
    return online.read(
        request.getApp(),
        GrpcQuestions.of(request, asOf),
        new OnlineFeatures.Caller(caller.name(), caller, caller::mayRead, remaining()),
        read ->
            WireAnswer.write(
                read, asOf, request.getKnownLayout(), Json.mapper()::writeValueAsBytes));
  }

  private static @Nullable Duration remaining() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? null
        : Duration.ofNanos(Math.max(1, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
  }

  /** Neither a key that is known nor leave to do without. */
  private static final class UnauthenticatedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static Status status(RuntimeException e) {
    return switch (e) {
      case UnauthenticatedException _ ->
          Status.UNAUTHENTICATED.withDescription("send a known API key as " + API_KEY.name());
      case InvalidQuestionException invalid ->
          Status.INVALID_ARGUMENT.withDescription(
              invalid.path() + " (" + invalid.rule() + "): " + invalid.getMessage());
      case UnknownFeatureException unknown ->
          Status.INVALID_ARGUMENT.withDescription(unknown.getMessage());
      case UnknownApplicationException unknown ->
          Status.NOT_FOUND.withDescription(unknown.getMessage());
      case DeniedException denied -> Status.PERMISSION_DENIED.withDescription(denied.getMessage());
      case OverloadedException full -> Status.RESOURCE_EXHAUSTED.withDescription(full.getMessage());
      case NotServingException starting ->
          Status.UNAVAILABLE.withDescription(starting.getMessage());
      case ApplicationsUnreadException starting ->
          Status.UNAVAILABLE.withDescription(starting.getMessage());
      case StoreUnavailableException away -> Status.UNAVAILABLE.withDescription(away.getMessage());
      default -> {
        LOG.error("a call failed", e);
        yield Status.INTERNAL.withDescription("an error that is ours; the service's log has it");
      }
    };
  }

  /** Takes the API key from a call's metadata. */
  public static ServerInterceptor keyReader() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
        String presented = ApiKeys.presented(metadata.get(AUTHORIZATION), metadata.get(API_KEY));
        return presented == null
            ? next.startCall(call, metadata)
            : Contexts.interceptCall(
                Context.current().withValue(PRESENTED, presented), call, metadata, next);
      }
    };
  }
}
