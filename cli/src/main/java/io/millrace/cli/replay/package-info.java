// SPDX-License-Identifier: Apache-2.0
/** Files of events, sent in chunks that may be sent again. */
@NullMarked
package io.millrace.cli.replay;

import org.jspecify.annotations.NullMarked;
