// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class MillraceTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void execute_calledWrongly_exitsWith2AndShowsUsage() {
    assertThat(execute("nosuch")).isEqualTo(Millrace.USAGE);
    assertThat(execute()).isEqualTo(Millrace.USAGE);
    assertThat(execute("up", "--port-base", "5")).isEqualTo(Millrace.USAGE);
    assertThat(execute("up", "--only", "nosuch")).isEqualTo(Millrace.USAGE);
    assertThat(execute("logs", "nosuch")).isEqualTo(Millrace.USAGE);
    assertThat(err.toString()).contains("no service is called nosuch").contains("Usage: millrace");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void execute_helpOfEachCommand_exitsWith0() {
    for (String command : Millrace.commandLine().getSubcommands().keySet()) {
      assertThat(execute("help", command)).as(command).isZero();
    }
    assertThat(out.toString()).contains("--port-base").contains("--purge");
  }

  @Test
  void execute_completion_namesTheCommands() {
    assertThat(execute("generate-completion")).isZero();
    assertThat(out.toString()).contains("millrace").contains("status").contains("--purge");
  }

  private int execute(String... arguments) {
    CommandLine commandLine = Millrace.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }
}
