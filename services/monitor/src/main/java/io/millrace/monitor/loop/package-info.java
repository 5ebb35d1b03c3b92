// SPDX-License-Identifier: Apache-2.0
/** One application's loop: folds its topics into what people and policies see. */
@NullMarked
package io.millrace.monitor.loop;

import org.jspecify.annotations.NullMarked;
