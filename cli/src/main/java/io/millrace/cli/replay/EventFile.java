// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import io.millrace.common.definition.EventDefinition;
import org.jspecify.annotations.Nullable;

/**
 * A file of one kind of event.
 *
 * @param event what its records are
 * @param definition of the event; only needed where several files are replayed together
 */
public record EventFile(String event, ReplayFile file, @Nullable EventDefinition definition) {}
