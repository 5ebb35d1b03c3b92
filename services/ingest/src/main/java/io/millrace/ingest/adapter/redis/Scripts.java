// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The atomic steps of the ledger. The value of an id is {@code D} (accepted), {@code R} and eight
 * bytes of content (rejected), or {@code P} and the claimant.
 */
final class Scripts {
  /**
   * Keys: ids. Arguments: claim, seconds to live, then per id the content of a bad row or nothing.
   * Answer: one letter per id (C claimed, D duplicate, P pending), then the pending claims.
   */
  static final Script CLAIM =
      new Script(
          """
          local letters, pending = {}, {}
          for i, key in ipairs(KEYS) do
            local value = redis.call('GET', key)
            local kind = value and string.sub(value, 1, 1)
            if not value or (kind == 'R' and string.sub(value, 2) ~= ARGV[i + 2]) then
              redis.call('SET', key, ARGV[1], 'EX', ARGV[2])
              letters[i] = 'C'
            elseif kind == 'P' then
              letters[i] = 'P'
              pending[#pending + 1] = value
            else
              letters[i] = 'D'
            end
          end
          return {table.concat(letters), unpack(pending)}
          """);

  /**
   * Key: id. Arguments: old value, new value, seconds to live. Answer: 1 where it was the old one.
   */
  static final Script SWAP =
      new Script(
          """
          if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
          redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
          return 1
          """);

  /** Keys: ids. Arguments: claim, its replacement or nothing, seconds to live. */
  static final Script LEAVE =
      new Script(
          """
          for _, key in ipairs(KEYS) do
            if redis.call('GET', key) == ARGV[1] then
              if ARGV[2] == '' then redis.call('DEL', key)
              else redis.call('SET', key, ARGV[2], 'EX', ARGV[3]) end
            end
          end
          return 1
          """);

  /**
   * Keys: books, offsets, receipt of this settlement, ids. Arguments: claim, seconds to live,
   * seconds that the receipt lives, number of additions, entry and number of each; number of
   * advances, partition, from and next of each; then the new value of each id. Answer: 1 done, 0
   * lost.
   */
  static final Script SETTLE =
      new Script(
          """
          if redis.call('EXISTS', KEYS[3]) == 1 then return 1 end
          local at = 4
          local additions = tonumber(ARGV[at])
          local advanceAt = at + 1 + 2 * additions
          local advances = tonumber(ARGV[advanceAt])
          local fatesAt = advanceAt + 1 + 3 * advances
          for i = 0, advances - 1 do
            local noted = redis.call('HGET', KEYS[2], ARGV[advanceAt + 1 + 3 * i])
            if (noted or '-1') ~= ARGV[advanceAt + 2 + 3 * i] then return 0 end
          end
          for i = 4, #KEYS do
            if redis.call('GET', KEYS[i]) ~= ARGV[1] then return 0 end
          end
          for i = 4, #KEYS do
            redis.call('SET', KEYS[i], ARGV[fatesAt + i - 4], 'EX', ARGV[2])
          end
          for i = 0, additions - 1 do
            redis.call('HINCRBY', KEYS[1], ARGV[at + 1 + 2 * i], ARGV[at + 2 + 2 * i])
          end
          for i = 0, advances - 1 do
            redis.call('HSET', KEYS[2], ARGV[advanceAt + 1 + 3 * i], ARGV[advanceAt + 3 + 3 * i])
          end
          redis.call('SET', KEYS[3], '1', 'EX', ARGV[3])
          return 1
          """);

  private Scripts() {}

  /** A script and the digest by which the server knows it. */
  record Script(String text, String digest) {
    Script(String text) {
      this(text, sha1(text));
    }

    private static String sha1(String text) {
      try {
        return HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-1", e);
      }
    }
  }
}
