// SPDX-License-Identifier: Apache-2.0
package io.millrace.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A Dockerfile as its instructions, in order, continuation lines joined and comments left out.
 *
 * @param instructions what the builder executes
 */
record Dockerfile(List<Instruction> instructions) {
  private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

  /**
   * One instruction.
   *
   * @param name in upper case, for example {@code FROM}
   * @param argument the rest of the line
   */
  record Instruction(String name, String argument) {
    boolean isExecForm() {
      return argument.startsWith("[") && argument.endsWith("]");
    }
  }

  static Dockerfile read(Path file) throws IOException {
    String joined =
        Files.readString(file).replaceAll("(?m)^\\s*#.*\\R", "").replaceAll("\\\\\\R\\s*", "");
    return new Dockerfile(
        joined
            .lines()
            .filter(line -> !line.isBlank())
            .map(line -> line.split("\\s+", 2))
            .map(parts -> new Instruction(parts[0].toUpperCase(Locale.ROOT), parts[1]))
            .toList());
  }

  /** The arguments of every instruction of this name. */
  List<String> all(String name) {
    return instructions.stream()
        .filter(instruction -> instruction.name().equals(name))
        .map(Instruction::argument)
        .toList();
  }

  /** The argument of the last instruction of this name; empty where there is none. */
  String last(String name) {
    List<String> all = all(name);
    return all.isEmpty() ? "" : all.getLast();
  }

  /** Base images, in order of the stages. */
  List<String> baseImages() {
    return all("FROM").stream().map(argument -> argument.split("\\s+")[0]).toList();
  }

  /** Everything before the second stage. */
  List<Instruction> buildStage() {
    return instructions.stream().skip(1).takeWhile(step -> !step.name().equals("FROM")).toList();
  }

  Map<String, String> environment() {
    var environment = new LinkedHashMap<String, String>();
    for (String argument : all("ENV")) {
      for (String pair : argument.split("\\s+")) {
        String[] sides = pair.split("=", 2);
        environment.put(sides[0], sides.length > 1 ? sides[1] : "");
      }
    }
    return environment;
  }

  /** The words of an argument in exec form. */
  static List<String> words(String argument) {
    return QUOTED.matcher(argument).results().map(match -> match.group(1)).toList();
  }
}
