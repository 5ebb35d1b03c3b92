// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.Stack;
import io.millrace.cli.stack.StackFolder;
import io.millrace.cli.stack.StackOptions;
import io.millrace.local.MillraceHome;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which stack a command speaks of; every command that speaks of one mixes this in. */
public final class StackSettings {
  @Option(
      names = "--folder",
      paramLabel = "FOLDER",
      description =
          "Where the stack keeps everything (default: MILLRACE_DATA, else .millrace in the tree).")
  private @Nullable Path data;

  /** The folder of the stack. */
  public StackFolder folder() {
    return new StackFolder(
        Optional.ofNullable(data)
            .or(
                () ->
                    Optional.ofNullable(System.getenv("MILLRACE_DATA"))
                        .filter(text -> !text.isBlank())
                        .map(Path::of))
            .orElseGet(() -> MillraceHome.find().root().resolve(".millrace")));
  }

  /** Options of the stack as it was started last, on the usual ports where it never was. */
  public StackOptions options() {
    StackFolder folder = folder();
    StackOptions usual = StackOptions.usual(MillraceHome.find(), folder);
    return folder.port(Service.INGEST).isPresent() ? usual.withPortBase(0) : usual;
  }

  /** The stack as it was started last. */
  public Stack stack() {
    return new Stack(options());
  }

  /** A client of the stack's services. */
  public ApiClient client() {
    return new ApiClient(folder());
  }
}
