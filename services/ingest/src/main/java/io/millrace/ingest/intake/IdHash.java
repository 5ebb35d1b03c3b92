// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.util.Arrays;

/** The 16-byte digest under which an id is remembered. */
public record IdHash(byte[] bytes) {
  @Override
  public boolean equals(Object other) {
    return other instanceof IdHash hash && Arrays.equals(bytes, hash.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
