// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import io.millrace.local.Backend;
import io.millrace.local.BackendOptions;
import io.millrace.local.Lifetime;
import io.millrace.local.LocalCassandra;
import io.millrace.local.LocalKafka;
import io.millrace.local.LocalRedis;
import io.millrace.local.MillraceHome;
import io.millrace.local.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The servers from {@code infra/local}. Their folders stand in {@code target/backends/<owner>} of
 * the tree, where the owner is the process with which they end: this JVM, or for what modules
 * share, the Maven that runs it. A module finds the server of an earlier one by its pid file; a
 * file lock keeps two from starting it at once. Folders of owners that are gone are removed by the
 * next who comes.
 */
final class LocalBackends {
  private static final Duration READY = Duration.ofSeconds(120);
  private static final List<Backend> OF_THIS_JVM = new CopyOnWriteArrayList<>();

  private LocalBackends() {}

  static KafkaBackend kafka() {
    Owner owner = Owner.thisJvm();
    LocalKafka kafka = new LocalKafka(owner.home(), owner.options("kafka", 512));
    return new KafkaBackend(running(kafka, owner).address(), resolution(owner));
  }

  static RedisBackend redis() {
    Owner owner = Owner.mavenOrThisJvm();
    LocalRedis redis = new LocalRedis(owner.home(), owner.options("redis", 512));
    running(redis, owner);
    return new RedisBackend(redis.uri(), resolution(owner));
  }

  static CassandraBackend cassandra() {
    Owner owner = Owner.mavenOrThisJvm();
    LocalCassandra cassandra = new LocalCassandra(owner.home(), owner.options("cassandra", 768));
    running(cassandra, owner);
    return new CassandraBackend(
        cassandra.contactPoint(), LocalCassandra.DATACENTER, resolution(owner));
  }

  private static String resolution(Owner owner) {
    return "infra/local, until process " + owner.process().pid() + " ends";
  }

  private static Backend running(Backend backend, Owner owner) {
    Path folder = owner.folder();
    try {
      removeAbandoned(folder.getParent());
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve(backend.name() + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (!lock.isValid()) {
          throw new IOException("lost the lock on " + folder);
        }
        backend.start();
        backend.awaitReady(READY);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + backend.name(), e);
    }
    if (owner.process().equals(ProcessIdentity.current())) {
      endWithThisJvm(backend, folder);
    }
    return backend;
  }

  private static synchronized void endWithThisJvm(Backend backend, Path folder) {
    if (OF_THIS_JVM.isEmpty()) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    // A test's server has nothing to save.
                    OF_THIS_JVM.forEach(Backend::kill);
                    delete(folder);
                  }));
    }
    OF_THIS_JVM.add(backend);
  }

  private static void removeAbandoned(@Nullable Path folders) throws IOException {
    if (folders == null || !Files.isDirectory(folders)) {
      return;
    }
    List<Path> abandoned;
    try (Stream<Path> entries = Files.list(folders)) {
      abandoned = entries.filter(entry -> !Owner.isAlive(entry)).toList();
    }
    abandoned.forEach(LocalBackends::delete);
  }

  /** Removes a folder; others, or a server on its way out, may be removing or writing in it too. */
  private static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
                throws IOException {
              Files.deleteIfExists(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      System.err.println("[backends] left behind: " + folder + " (" + e + ")");
    }
  }

  /**
   * Whose end is a server's end.
   *
   * @param home the tree
   * @param process the owning process
   */
  private record Owner(MillraceHome home, ProcessIdentity process) {
    private static final String MAVEN_MAIN = "org.codehaus.plexus.classworlds.launcher.Launcher";

    static Owner thisJvm() {
      return new Owner(MillraceHome.find(), ProcessIdentity.current());
    }

    static Owner mavenOrThisJvm() {
      Optional<ProcessHandle> ancestor = ProcessHandle.current().parent();
      while (ancestor.isPresent()) {
        if (commandLine(ancestor.get()).contains(MAVEN_MAIN)) {
          return ProcessIdentity.of(ancestor.get().pid())
              .map(maven -> new Owner(MillraceHome.find(), maven))
              .orElseGet(Owner::thisJvm);
        }
        ancestor = ancestor.get().parent();
      }
      return thisJvm();
    }

    // Not ProcessHandle's arguments alone: on Linux they stop at one page.
    private static String commandLine(ProcessHandle process) {
      Path full = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      try {
        return Files.exists(full)
            ? Files.readString(full)
            : process.info().commandLine().orElse("");
      } catch (IOException e) {
        // It ended, or belongs to somebody else: not the Maven that runs this.
        return "";
      }
    }

    static boolean isAlive(Path folder) {
      String[] parts = folder.getFileName().toString().split("-");
      return parts.length == 2
          && parts[0].matches("[0-9]{1,18}")
          && new ProcessIdentity(Long.parseLong(parts[0]), parts[1]).isAlive();
    }

    Path folder() {
      return home.root()
          .resolve("target/backends")
          .resolve(process.pid() + "-" + process.started());
    }

    BackendOptions options(String name, int memoryMb) {
      return new BackendOptions(folder().resolve(name), 0, memoryMb, Lifetime.of(process));
    }
  }
}
