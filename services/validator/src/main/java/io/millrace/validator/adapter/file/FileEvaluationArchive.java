// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.file;

import io.millrace.common.serde.Json;
import io.millrace.validator.model.Evaluation;
import io.millrace.validator.model.EvaluationArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Pattern;

/** One JSON file per version; a reader sees a whole file or none. */
public final class FileEvaluationArchive implements EvaluationArchive {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,99}");

  private final Path folder;

  public FileEvaluationArchive(Path folder) {
    this.folder = folder;
  }

  @Override
  public void keep(Evaluation evaluation) {
    Path file = file(evaluation.app(), evaluation.version());
    try {
      Files.createDirectories(file.getParent());
      Path part = Files.createTempFile(file.getParent(), "evaluation", ".part");
      try {
        Files.write(part, Json.mapper().writeValueAsBytes(evaluation));
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the evaluation of " + evaluation.version(), e);
    }
  }

  @Override
  public Optional<Evaluation> find(String app, String version) {
    if (!NAME.matcher(app).matches() || !NAME.matcher(version).matches()) {
      return Optional.empty();
    }
    Path file = file(app, version);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.mapper().readValue(Files.readAllBytes(file), Evaluation.class));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the evaluation of " + version, e);
    }
  }

  private Path file(String app, String version) {
    if (!NAME.matcher(app).matches() || !NAME.matcher(version).matches()) {
      throw new IllegalArgumentException("'" + app + "/" + version + "' is no version");
    }
    return folder.resolve(app).resolve(version + ".json");
  }
}
