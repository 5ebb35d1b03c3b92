// SPDX-License-Identifier: Apache-2.0
package io.millrace.example.yarnit;

/**
 * What the simulator sent and what must become of it.
 *
 * @param in everything
 * @param accepted good ones, each counted once
 * @param rejected malformed ones
 * @param duplicates repetitions of good ones
 */
public record Books(long in, long accepted, long rejected, long duplicates) {}
