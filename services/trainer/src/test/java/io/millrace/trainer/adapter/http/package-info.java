// SPDX-License-Identifier: Apache-2.0
/** Tests of the trainer's HTTP clients. */
@NullMarked
package io.millrace.trainer.adapter.http;

import org.jspecify.annotations.NullMarked;
