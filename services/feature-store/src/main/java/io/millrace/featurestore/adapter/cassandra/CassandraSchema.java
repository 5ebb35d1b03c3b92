// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Keyspace {@code millrace} and its tables, created where they are not there. Partitions are
 * bounded: a history by number of rows, moments by hour.
 */
public final class CassandraSchema {
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration SCHEMA_TIMEOUT = Duration.ofSeconds(30);
  private static final int PAGE_ROWS = 2000;

  /** Where runs of the same first event replaced each other, the longer by the shorter one too. */
  private static final String FORMER_HISTORY = "history";

  private static final List<String> TABLES =
      List.of(
          """
          CREATE TABLE IF NOT EXISTS millrace.history_runs (
            app text, event text, entity text, lineage text, key text, bucket int,
            seq bigint, size int, data blob,
            PRIMARY KEY ((app, event, entity, lineage, key, bucket), seq, size))
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.late_events (
            app text, event text, entity text, hour bigint, shard int,
            event_time bigint, id text, key text, known_at bigint, data blob,
            PRIMARY KEY ((app, event, entity, hour, shard), event_time, id))
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.moments (
            app text, label text, hour bigint, shard int,
            moment bigint, id text, part int, known_at bigint, entities frozen<map<text, text>>, data blob,
            value double, provenance text, revision int, label_known_at bigint, labelled_at bigint,
            outcome_event text,
            PRIMARY KEY ((app, label, hour, shard), moment, id))
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.moment_shards (
            app text, label text, hour bigint, shard int,
            PRIMARY KEY ((app, label), hour, shard))
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.moments_closed (
            app text, label text, part int, stream_time bigint,
            PRIMARY KEY ((app, label), part))
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.settling (
            app text, request text, part text,
            PRIMARY KEY ((app), request, part)) WITH gc_grace_seconds = 3600
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.dataset_places (
            app text, id text, instance text, address text,
            PRIMARY KEY ((app, id), instance)) WITH gc_grace_seconds = 3600
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.dataset_builders (
            app text, id text, instance text, address text,
            PRIMARY KEY ((app, id))) WITH gc_grace_seconds = 3600
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.version_uses (
            app text, kind text, version text, instance text,
            PRIMARY KEY ((app, kind), version, instance)) WITH gc_grace_seconds = 3600
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.versions_leaving (
            app text, kind text, version text, remover text,
            PRIMARY KEY ((app, kind), version))
          """,
          """
          CREATE TABLE IF NOT EXISTS millrace.generations (
            app text, kind text, hash text, definition blob,
            PRIMARY KEY ((app), kind))
          """);

  private CassandraSchema() {}

  /**
   * Connects, waiting for the first node as long as it takes, and creates what is missing.
   *
   * @param contactPoint {@code host:port}
   * @param replication copies of each row in the local data centre
   */
  public static CqlSession open(String contactPoint, String datacenter, int replication) {
    int colon = contactPoint.lastIndexOf(':');
    DriverConfigLoader config =
        DriverConfigLoader.programmaticBuilder()
            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, REQUEST_TIMEOUT)
            .withDuration(DefaultDriverOption.CONNECTION_CONNECT_TIMEOUT, REQUEST_TIMEOUT)
            .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, REQUEST_TIMEOUT)
            .withDuration(DefaultDriverOption.HEARTBEAT_INTERVAL, Duration.ofSeconds(5))
            .withDuration(DefaultDriverOption.HEARTBEAT_TIMEOUT, REQUEST_TIMEOUT)
            .withDuration(DefaultDriverOption.RECONNECTION_BASE_DELAY, Duration.ofMillis(250))
            .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, Duration.ofSeconds(2))
            .withBoolean(DefaultDriverOption.RECONNECT_ON_INIT, true)
            .withInt(DefaultDriverOption.REQUEST_PAGE_SIZE, PAGE_ROWS)
            .withInt(DefaultDriverOption.CONNECTION_MAX_REQUESTS, 1024)
            .build();
    CqlSession session =
        CqlSession.builder()
            .addContactPoint(
                new InetSocketAddress(
                    contactPoint.substring(0, colon),
                    Integer.parseInt(contactPoint.substring(colon + 1))))
            .withLocalDatacenter(datacenter)
            .withConfigLoader(config)
            .build();
    execute(
        session,
        "CREATE KEYSPACE IF NOT EXISTS millrace WITH replication = {'class':"
            + " 'NetworkTopologyStrategy', '"
            + datacenter.replace("'", "''")
            + "': "
            + replication
            + "}");
    TABLES.forEach(table -> execute(session, table));
    refuseFormerHistory(session);
    return session;
  }

  /** Without it, datasets would silently lack all that happened before. */
  private static void refuseFormerHistory(CqlSession session) {
    boolean found =
        session
            .getMetadata()
            .getKeyspace("millrace")
            .flatMap(keyspace -> keyspace.getTable(FORMER_HISTORY))
            .isPresent();
    if (found) {
      session.close();
      throw new IllegalStateException(
          "Cassandra holds the history of an earlier version (table millrace."
              + FORMER_HISTORY
              + "), which this one does not read: begin with an empty store (`./millrace down"
              + " --purge` for a local stack) and send the events again");
    }
  }

  private static void execute(CqlSession session, String cql) {
    session.execute(SimpleStatement.newInstance(cql).setTimeout(SCHEMA_TIMEOUT));
  }
}
