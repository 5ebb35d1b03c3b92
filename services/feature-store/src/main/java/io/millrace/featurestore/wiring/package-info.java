// SPDX-License-Identifier: Apache-2.0
/** Spring: beans, properties and the main class. */
@NullMarked
package io.millrace.featurestore.wiring;

import org.jspecify.annotations.NullMarked;
