// SPDX-License-Identifier: Apache-2.0
/** Tests of the feature store, and what they share. */
package io.millrace.featurestore;
