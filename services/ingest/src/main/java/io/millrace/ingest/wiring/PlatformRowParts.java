// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.wiring;

import com.google.re2j.Pattern;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.serde.Json;
import io.millrace.ingest.intake.RowParts;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** RE2 patterns, the platform's pseudonyms, Jackson. */
final class PlatformRowParts implements RowParts {
  private final Pseudonymiser pseudonymiser;

  PlatformRowParts(Pseudonymiser pseudonymiser) {
    this.pseudonymiser = pseudonymiser;
  }

  @Override
  public Predicate<String> pattern(String pattern) {
    Pattern compiled = Pattern.compile(pattern);
    return text -> compiled.matcher(text).find();
  }

  @Override
  public String pseudonym(String app, String field, String value) {
    return pseudonymiser.pseudonym(app, field, value);
  }

  @Override
  public String json(Map<String, ? extends @Nullable Object> fields) {
    return Json.mapper().writeValueAsString(fields);
  }
}
