// SPDX-License-Identifier: Apache-2.0
/** Online change detectors behind one interface, standard and calibrated. */
@NullMarked
package io.millrace.stats.detector;

import org.jspecify.annotations.NullMarked;
