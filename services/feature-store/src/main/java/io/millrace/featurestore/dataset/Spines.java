// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Files of moments that people have sent, {@code <folder>/<app>/spines/<id>}. The id follows from
 * the content. Thread-safe.
 */
public final class Spines {
  /** What the ids of all spines begin with. */
  static final String ID_PREFIX = "sp-";

  private static final int ID_BYTES = 6;
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path folder;
  private final SpineTable.Opener opener;
  private final SpineKeys keys;

  public Spines(Path folder, SpineTable.Opener opener, SpineKeys keys) {
    this.folder = folder;
    this.opener = opener;
    this.keys = keys;
  }

  /**
   * A file that was taken.
   *
   * @param columns of it, in its order
   */
  public record Sent(String id, long bytes, List<String> columns) {}

  /** The file is larger than is taken. */
  public static final class TooLargeException extends Exception {
    private static final long serialVersionUID = 1L;

    TooLargeException(long limit) {
      super("a spine has at most " + limit + " bytes");
    }
  }

  /**
   * Keeps a file.
   *
   * @param limit most bytes
   * @throws IllegalArgumentException where it is no table
   */
  public Sent put(String app, InputStream body, long limit) throws IOException, TooLargeException {
    Path spines = Files.createDirectories(folder.resolve(app).resolve("spines"));
    Path part = Files.createTempFile(spines, "spine", ".part");
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long bytes = 0;
      try (OutputStream out = new DigestOutputStream(Files.newOutputStream(part), digest)) {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
          bytes += read;
          if (bytes > limit) {
            throw new TooLargeException(limit);
          }
          out.write(buffer, 0, read);
        }
      }
      List<String> columns;
      try (SpineTable table = opener.open(part)) {
        columns = table.columns();
      }
      String id = ID_PREFIX + HexFormat.of().formatHex(digest.digest(), 0, ID_BYTES);
      Files.move(
          part,
          spines.resolve(id),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      return new Sent(id, bytes, columns);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /**
   * Whether this instance has a file.
   *
   * @param id as in a request, so of its form
   */
  public boolean has(String app, String id) {
    return Files.isRegularFile(folder.resolve(app).resolve("spines").resolve(id));
  }

  /**
   * Reads a file as the rows of a dataset.
   *
   * @param id as in a request, so of its form
   * @throws IllegalArgumentException where there is no such file, or it lacks columns
   */
  SpineSource source(String app, String id, DatasetPlan plan, boolean pseudonymous)
      throws IOException {
    Path file = folder.resolve(app).resolve("spines").resolve(id);
    if (!has(app, id)) {
      throw new IllegalArgumentException("spine: there is no spine '" + id + "'; send it first");
    }
    return SpineFile.of(opener, file, plan, keys, pseudonymous);
  }

  /**
   * Looks whether a request can be built, before it is.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  void check(DatasetRequest request, DatasetPlan plan) throws IOException {
    for (String entity : new String[] {request.sampleBy(), request.splitBy()}) {
      if (entity != null && !plan.entities().contains(entity)) {
        throw new IllegalArgumentException(
            (entity.equals(request.sampleBy()) ? "sampleBy" : "splitBy")
                + ": there is no entity '"
                + entity
                + "'; there are "
                + plan.entities());
      }
    }
    if (request.spine() != null) {
      source(
          plan.generation().app(),
          request.spine(),
          plan,
          Boolean.TRUE.equals(request.pseudonymous()));
    }
  }
}
