// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.file;

import java.util.regex.Pattern;

/** Names from outside that may become file names. */
final class SafeNames {
  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");

  private SafeNames() {}

  static boolean isSafe(String name) {
    return SAFE.matcher(name).matches();
  }

  static String require(String name) {
    if (!isSafe(name)) {
      throw new IllegalArgumentException("'" + name + "' cannot be a file name");
    }
    return name;
  }
}
