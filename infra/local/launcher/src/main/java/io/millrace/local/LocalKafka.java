// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A real Kafka, one node that is broker and KRaft controller. */
public final class LocalKafka extends ProcessBackend {
  private static final String MODULE = "infra/local/kafka";
  private static final int API_VERSIONS = 18;
  private static final int CORRELATION = 1;
  private static final String VERSION_FILE = "broker.version";

  /** Of trees that noted no version with the data. */
  private static final Version BEFORE_NOTED = Version.parse("4.3.1");

  private static final Pattern BROKER_JAR = Pattern.compile("kafka_2\\.13-([0-9.]+)\\.jar");

  private final MillraceHome home;

  /** A Kafka on that data directory. */
  public LocalKafka(MillraceHome home, BackendOptions options) {
    super("kafka", options);
    this.home = home;
  }

  /** What clients take as {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return address();
  }

  @Override
  List<String> prepare(int port) throws IOException {
    int controllerPort = Ports.choose(0, directory().resolve("controller.port"));
    Path configuration = write("server.properties", properties(port, controllerPort));
    Path logging = write("log4j2.properties", LOGGING);
    if (Files.exists(directory().resolve("data/meta.properties"))) {
      requireReadable();
    } else {
      format(configuration);
      write(VERSION_FILE, version().toString());
    }
    List<String> command = new ArrayList<>();
    command.add(Jdk.find25().java().toString());
    command.addAll(
        List.of(
            "-Xms128m",
            "-Xmx" + options.heapMb() + "m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-Dlog4j2.configurationFile=" + logging.toUri(),
            "-cp",
            classPath(),
            "kafka.Kafka",
            configuration.toString()));
    return command;
  }

  /** A broker cannot read what a later one has written, and only a stack trace of it tells. */
  private void requireReadable() throws IOException {
    Path file = directory().resolve(VERSION_FILE);
    Version own = version();
    Version written =
        Files.exists(file) ? Version.parse(Files.readString(file).strip()) : BEFORE_NOTED;
    if (written.compareTo(own) > 0) {
      throw new LocalException(
          "the data in %s were written by Kafka %s, and %s cannot read them: take another folder"
                  .formatted(directory(), written, own)
              + " (--folder), or remove all that is in this one (./millrace down --purge)");
    }
    write(VERSION_FILE, own.toString());
  }

  /** Of the broker on the class path. */
  private Version version() {
    return home.classPath(MODULE).stream()
        .map(path -> BROKER_JAR.matcher(path.getFileName().toString()))
        .filter(Matcher::matches)
        .map(jar -> Version.parse(jar.group(1)))
        .findFirst()
        .orElseThrow(() -> new LocalException("no broker on the class path of " + MODULE));
  }

  private String classPath() {
    return home.classPath(MODULE).stream()
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private void format(Path configuration) throws IOException {
    UUID id = UUID.randomUUID();
    String clusterId =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                ByteBuffer.allocate(16)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits())
                    .array());
    // An option that starts with a dash is none for the tool.
    String safeId = clusterId.startsWith("-") ? "A" + clusterId.substring(1) : clusterId;
    Process process =
        new ProcessBuilder(
                Jdk.find25().java().toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlog4j2.configurationFile=" + directory().resolve("log4j2.properties").toUri(),
                "-cp",
                classPath(),
                "kafka.tools.StorageTool",
                "format",
                "--ignore-formatted",
                "--cluster-id",
                safeId,
                "--config",
                configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
            .start();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new LocalException(
            "cannot format Kafka's folder:\n" + ManagedProcess.tail(logFile(), 20));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new LocalException("interrupted while Kafka's folder was formatted", e);
    }
  }

  /** Sends an ApiVersions request, which a broker answers only once it processes requests. */
  @Override
  boolean answers(DataOutputStream out, DataInputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream request = new DataOutputStream(bytes);
    request.writeShort(API_VERSIONS);
    request.writeShort(0);
    request.writeInt(CORRELATION);
    request.writeShort(-1);
    out.writeInt(bytes.size());
    bytes.writeTo(out);
    out.flush();
    int length = in.readInt();
    return length >= 6 && in.readInt() == CORRELATION && in.readShort() == 0;
  }

  private String properties(int port, int controllerPort) {
    return """
    process.roles=broker,controller
    node.id=1
    controller.quorum.voters=1@127.0.0.1:%2$d
    listeners=CLIENT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
    advertised.listeners=CLIENT://127.0.0.1:%1$d
    listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
    inter.broker.listener.name=CLIENT
    controller.listener.names=CONTROLLER
    log.dirs=%3$s
    auto.create.topics.enable=false
    # Topics that want an end of retention say so; event time may lie years back.
    log.retention.ms=-1
    # Simulated and replayed event time may run ahead of the clock; ingest judges it, not the broker.
    log.message.timestamp.after.max.ms=9223372036854775807
    # One node: each internal topic has one replica.
    default.replication.factor=1
    offsets.topic.replication.factor=1
    offsets.topic.num.partitions=3
    transaction.state.log.replication.factor=1
    transaction.state.log.min.isr=1
    transaction.state.log.num.partitions=3
    transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
    share.coordinator.state.topic.replication.factor=1
    share.coordinator.state.topic.min.isr=1
    share.coordinator.state.topic.num.partitions=3
    # Quick to start, small in memory.
    group.initial.rebalance.delay.ms=0
    group.consumer.min.heartbeat.interval.ms=500
    num.network.threads=2
    num.io.threads=4
    background.threads=2
    log.index.size.max.bytes=1048576
    log.cleaner.dedupe.buffer.size=16777216
    """
        .formatted(port, controllerPort, directory().resolve("data"));
  }

  private static final String LOGGING =
      """
      status=WARN
      rootLogger.level=WARN
      rootLogger.appenderRef.out.ref=OUT
      appender.out.type=Console
      appender.out.name=OUT
      appender.out.layout.type=PatternLayout
      appender.out.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5p [%t] %c{1} %m%n
      logger.server.name=kafka.server.KafkaRaftServer
      logger.server.level=INFO
      """;
}
