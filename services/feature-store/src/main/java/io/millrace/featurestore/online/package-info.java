// SPDX-License-Identifier: Apache-2.0
/** Reading features as they are now: the online store, its keys and records. */
@NullMarked
package io.millrace.featurestore.online;

import org.jspecify.annotations.NullMarked;
