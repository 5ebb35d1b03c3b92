// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.millrace.monitor.loop;

import org.jspecify.annotations.NullMarked;
