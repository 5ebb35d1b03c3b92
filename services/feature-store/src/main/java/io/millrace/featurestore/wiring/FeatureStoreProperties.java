// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import io.millrace.featurestore.adapter.kafka.Guarantee;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is special to this service.
 *
 * @param instance name that stays the same over restarts and differs between instances
 * @param address where other instances reach this one over HTTP; blank for the address and port
 *     that it listens on
 * @param threads stream threads of each streams application, at least 1
 * @param standbyReplicas instances that keep a copy of each task's state beside the one that works
 *     on it, 0 to 3
 * @param guarantee what a crash may do to features
 * @param stateShare share of the heap for states and writes under way, 0.05 to 0.5
 * @param onlineDeadline how long a read of online features may take
 * @param readsMax online reads that are answered at a time, at least 1; one more is refused
 * @param readValuesMax values of all of them together, at least 1
 * @param readShare share of the heap for values that later reads need not ask Redis for, and for
 *     rows that they need not decode again, 0 to 0.3
 * @param grpcBind address of the gRPC port
 * @param grpcPort 0 for any free one
 * @param replication copies of each row in Cassandra, at least 1
 * @param datasetWorkers entities of a dataset that are computed at the same time, at least 1
 * @param datasetKeep how many datasets of an application stay however old they are, at least 1
 * @param datasetAge how long the others stay, at least an hour
 */
@ConfigurationProperties("millrace.feature-store")
record FeatureStoreProperties(
    String instance,
    @Nullable URI address,
    @DefaultValue("1") int threads,
    @DefaultValue("0") int standbyReplicas,
    @DefaultValue("exactly_once_v2") Guarantee guarantee,
    @DefaultValue("0.3") double stateShare,
    @DefaultValue("200ms") Duration onlineDeadline,
    @DefaultValue("64") int readsMax,
    @DefaultValue("4000000") long readValuesMax,
    @DefaultValue("0.15") double readShare,
    @DefaultValue("127.0.0.1") String grpcBind,
    @DefaultValue("9082") int grpcPort,
    @DefaultValue("1") int replication,
    @DefaultValue("2") int datasetWorkers,
    @DefaultValue("20") int datasetKeep,
    @DefaultValue("30d") Duration datasetAge) {
  FeatureStoreProperties {
    if (readsMax < 1 || readValuesMax < 1 || onlineDeadline.toMillis() < 1) {
      throw new IllegalArgumentException(
          "millrace.feature-store: reads-max, read-values-max and online-deadline are at least 1");
    }
    if (threads < 1 || replication < 1 || datasetWorkers < 1) {
      throw new IllegalArgumentException(
          "millrace.feature-store: threads, replication and dataset-workers are at least 1");
    }
    if (standbyReplicas < 0 || standbyReplicas > 3) {
      throw new IllegalArgumentException(
          "millrace.feature-store.standby-replicas is 0 to 3, not " + standbyReplicas);
    }
    if (datasetKeep < 1 || datasetAge.compareTo(Duration.ofHours(1)) < 0) {
      throw new IllegalArgumentException(
          "millrace.feature-store: dataset-keep is at least 1, dataset-age at least an hour");
    }
    if (!(stateShare >= 0.05 && stateShare <= 0.5)) {
      throw new IllegalArgumentException(
          "millrace.feature-store.state-share is 0.05 to 0.5, not " + stateShare);
    }
    if (!(readShare >= 0 && readShare <= 0.3)) {
      throw new IllegalArgumentException(
          "millrace.feature-store.read-share is 0 to 0.3, not " + readShare);
    }
  }

  /** Memory for values of the online store; a row takes about twice what its record does. */
  long nearBytesMax() {
    return (long) (readShare / 3 * (double) Runtime.getRuntime().maxMemory());
  }

  /** Memory for decoded rows. */
  long rowBytesMax() {
    return (long) (readShare * 2 / 3 * (double) Runtime.getRuntime().maxMemory());
  }
}
