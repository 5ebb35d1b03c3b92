// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model runs, as written in {@code millrace.device}.
 *
 * @param kind {@code AUTO} takes an accelerator where the engine sees one
 * @param index number of the accelerator, from 0
 */
public record Device(Kind kind, int index) {
  public static final Device AUTO = new Device(Kind.AUTO, 0);
  public static final Device CPU = new Device(Kind.CPU, 0);

  private static final Pattern GPU = Pattern.compile("gpu(?::(\\d{1,3}))?");

  /** Kind of device. */
  public enum Kind {
    AUTO,
    CPU,
    GPU
  }

  /**
   * Parses {@code auto}, {@code cpu}, {@code gpu} or {@code gpu:N}.
   *
   * @throws IllegalArgumentException naming the text otherwise
   */
  public static Device parse(String text) {
    Matcher gpu = GPU.matcher(text);
    if (gpu.matches()) {
      return new Device(Kind.GPU, gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
    }
    return switch (text) {
      case "auto" -> AUTO;
      case "cpu" -> CPU;
      default ->
          throw new IllegalArgumentException(
              "millrace.device is '" + text + "'; write auto, cpu or gpu:N");
    };
  }

  /** What the system property {@code millrace.device} says, else {@link #AUTO}. */
  public static Device configured() {
    return parse(System.getProperty("millrace.device", "auto"));
  }
}
