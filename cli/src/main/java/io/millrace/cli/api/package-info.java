// SPDX-License-Identifier: Apache-2.0
/** The services' HTTP interfaces as the command line calls them. */
@NullMarked
package io.millrace.cli.api;

import org.jspecify.annotations.NullMarked;
