// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the order lines of UCI "Online Retail" are looked for when nobody says. */
final class RetailFile {
  private static final String PLACE = "shared/data/online-retail.csv.gz";

  private RetailFile() {}

  /** The file in a folder {@code shared/data} beside or above the tree. */
  static Optional<Path> near(Path tree) {
    return Stream.iterate(tree.toAbsolutePath(), folder -> folder != null, Path::getParent)
        .map(folder -> folder.resolve(PLACE))
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
