// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A real Cassandra, one node with small buffers. */
public final class LocalCassandra extends ProcessBackend {
  /** The data centre that the node's snitch reports, which a driver must name. */
  public static final String DATACENTER = "datacenter1";

  private static final String MODULE = "infra/local/cassandra";
  private static final byte PROTOCOL_V4 = 0x04;
  private static final byte OPTIONS = 0x05;
  private static final byte SUPPORTED = 0x06;

  /** What Cassandra's own start script opens on Java 17. */
  private static final List<String> EXPORTS =
      List.of(
          "java.base/java.lang.ref",
          "java.base/jdk.internal.misc",
          "java.base/jdk.internal.ref",
          "java.base/sun.nio.ch",
          "java.management.rmi/com.sun.jmx.remote.internal.rmi",
          "java.rmi/sun.rmi.registry",
          "java.rmi/sun.rmi.server",
          "java.sql/java.sql",
          "jdk.compiler/com.sun.tools.javac.file",
          "jdk.unsupported/sun.misc");

  private static final List<String> OPENS =
      List.of(
          "java.base/java.io",
          "java.base/java.lang",
          "java.base/java.lang.module",
          "java.base/java.lang.reflect",
          "java.base/java.net",
          "java.base/java.nio",
          "java.base/java.util",
          "java.base/java.util.concurrent",
          "java.base/java.util.concurrent.atomic",
          "java.base/jdk.internal.loader",
          "java.base/jdk.internal.math",
          "java.base/jdk.internal.module",
          "java.base/jdk.internal.ref",
          "java.base/jdk.internal.reflect",
          "java.base/sun.nio.ch",
          "jdk.compiler/com.sun.tools.javac",
          "jdk.management/com.sun.management.internal");

  private final MillraceHome home;

  /** A Cassandra on that data directory. */
  public LocalCassandra(MillraceHome home, BackendOptions options) {
    super("cassandra", options);
    this.home = home;
  }

  /** What a driver takes as contact point. */
  public InetSocketAddress contactPoint() {
    String address = address();
    int colon = address.lastIndexOf(':');
    return new InetSocketAddress(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
  }

  @Override
  List<String> prepare(int port) throws IOException {
    int storagePort = Ports.choose(0, directory().resolve("storage.port"));
    Path configuration = write("cassandra.yaml", yaml(port, storagePort));
    Path logging = write("logback.xml", LOGGING);
    Path temporary = Files.createDirectories(directory().resolve("tmp"));
    Path triggers = Files.createDirectories(directory().resolve("triggers"));
    List<Path> classPath = home.classPath(MODULE);
    Path agent =
        classPath.stream()
            .filter(entry -> entry.getFileName().toString().startsWith("jamm-"))
            .findFirst()
            .orElseThrow(() -> new LocalException("jamm is not a part of " + MODULE));
    List<String> command = new ArrayList<>();
    command.add(Jdk.find25().java().toString());
    command.addAll(
        List.of(
            "-Xms128m",
            "-Xmx" + options.heapMb() + "m",
            "-Xss512k",
            "-XX:MaxDirectMemorySize=256m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-javaagent:" + agent,
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-Djdk.attach.allowAttachSelf=true",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Djava.io.tmpdir=" + temporary,
            "-Dlogback.configurationFile=" + logging.toUri(),
            "-Dcassandra.config=" + configuration.toUri(),
            "-Dcassandra.storagedir=" + directory(),
            "-Dcassandra.logdir=" + directory(),
            "-Dcassandra.triggers_dir=" + triggers,
            "-Dcassandra-foreground=true",
            // Alone, a node has nobody to wait for.
            "-Dcassandra.skip_wait_for_gossip_to_settle=0",
            "-Dcassandra.ring_delay_ms=1",
            "-Dcassandra.superuser_setup_delay_ms=0",
            "-Dcassandra.shutdown_announce_in_ms=0"));
    EXPORTS.forEach(name -> command.addAll(List.of("--add-exports", name + "=ALL-UNNAMED")));
    OPENS.forEach(name -> command.addAll(List.of("--add-opens", name + "=ALL-UNNAMED")));
    // The module's own class stands in for one that this Java cannot load: it comes first.
    Path own = home.root().resolve(MODULE).resolve("target/classes");
    command.addAll(
        List.of(
            "-cp",
            Stream.concat(Stream.of(own), classPath.stream())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator)),
            "org.apache.cassandra.service.CassandraDaemon"));
    return command;
  }

  /** Sends an OPTIONS frame of the native protocol. */
  @Override
  boolean answers(DataOutputStream out, DataInputStream in) throws IOException {
    out.write(new byte[] {PROTOCOL_V4, 0, 0, 0, OPTIONS, 0, 0, 0, 0});
    out.flush();
    byte[] header = new byte[9];
    in.readFully(header);
    return header[4] == SUPPORTED;
  }

  private String yaml(int port, int storagePort) {
    return """
    cluster_name: millrace-local
    num_tokens: 1
    partitioner: org.apache.cassandra.dht.Murmur3Partitioner
    endpoint_snitch: SimpleSnitch
    seed_provider:
      - class_name: org.apache.cassandra.locator.SimpleSeedProvider
        parameters:
          - seeds: "127.0.0.1:%2$d"
    listen_address: 127.0.0.1
    rpc_address: 127.0.0.1
    storage_port: %2$d
    native_transport_port: %1$d
    data_file_directories:
      - '%3$s/data'
    commitlog_directory: '%3$s/commitlog'
    hints_directory: '%3$s/hints'
    saved_caches_directory: '%3$s/saved_caches'
    cdc_raw_directory: '%3$s/cdc_raw'
    # What is acknowledged is on disk. Written every so often, a kill lost the last tenth of a second.
    commitlog_sync: batch
    commitlog_segment_size: 16MiB
    commitlog_total_space: 256MiB
    hinted_handoff_enabled: false
    auto_snapshot: false
    memtable_heap_space: 128MiB
    memtable_offheap_space: 64MiB
    memtable_allocation_type: heap_buffers
    key_cache_size: 16MiB
    counter_cache_size: 1MiB
    networking_cache_size: 32MiB
    concurrent_reads: 8
    concurrent_writes: 16
    concurrent_counter_writes: 2
    concurrent_materialized_view_writes: 2
    concurrent_compactors: 1
    compaction_throughput: 64MiB/s
    native_transport_max_threads: 32
    authenticator: AllowAllAuthenticator
    authorizer: AllowAllAuthorizer
    role_manager: CassandraRoleManager
    user_defined_functions_enabled: false
    read_request_timeout: 10s
    write_request_timeout: 10s
    range_request_timeout: 20s
    request_timeout: 20s
    """
        .formatted(port, storagePort, directory().toString().replace("'", "''"));
  }

  private static final String LOGGING =
      """
      <configuration>
        <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d{ISO8601} %-5level [%thread] %logger{0} %msg%n</pattern></encoder>
        </appender>
        <logger name="org.apache.cassandra.service.CassandraDaemon" level="INFO"/>
        <root level="WARN"><appender-ref ref="OUT"/></root>
      </configuration>
      """;
}
