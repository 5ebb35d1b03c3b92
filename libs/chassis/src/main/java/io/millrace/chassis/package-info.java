// SPDX-License-Identifier: Apache-2.0
/**
 * The microservice chassis: what every Millrace process has in common, as one Spring configuration.
 */
@NullMarked
package io.millrace.chassis;

import org.jspecify.annotations.NullMarked;
