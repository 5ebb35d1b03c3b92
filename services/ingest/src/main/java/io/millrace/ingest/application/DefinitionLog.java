// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.application;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.definition.ApplicationDefinition;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The definitions in force, as every service reads them. Methods throw {@link
 * DefinitionsUnavailableException} where the log does not answer in time.
 */
public interface DefinitionLog {
  /** Application → its definition, read to the end of the log. */
  Map<String, ApplicationApplied> latest();

  /** Creates every topic of an application that is not there. */
  void createTopics(ApplicationDefinition definition);

  /** Puts a definition into force, or with null out of it, durably. */
  void publish(String app, @Nullable ApplicationApplied applied);
}
