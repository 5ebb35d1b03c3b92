// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * Keys of the online store: eight characters that stand for application and generation, the number
 * of the group in base 36, a colon, the entity key. Short, because there is one for each entity.
 */
public final class OnlineKey {
  private static final int HASH_BYTES = 6;
  private static final int RADIX = 36;

  private OnlineKey() {}

  /** What all keys of a generation begin with, and no others. */
  public static String prefix(String app, String generation) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest((app + '\0' + generation).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(digest, HASH_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** What the keys of an application began with while there was one for each view. */
  public static String formerPrefix(String app) {
    return "mr:" + app + ':';
  }

  /** What all keys of a group begin with; what follows is the entity key. */
  public static byte[] prefix(Generation generation, FeatureGroup group) {
    int number = generation.groups().indexOf(group);
    if (number < 0) {
      throw new IllegalArgumentException(group.name() + " is of another generation");
    }
    return (prefix(generation.app(), generation.hash()) + Integer.toString(number, RADIX) + ':')
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The key of a group's {@link WholeMark}: that of no entity, and removed with the generation.
   *
   * @param groupPrefix see {@link #prefix(Generation, FeatureGroup)}
   */
  public static byte[] mark(byte[] groupPrefix) {
    byte[] mark = groupPrefix.clone();
    mark[mark.length - 1] = '!';
    return mark;
  }

  /** The key of an entity in a group. */
  public static byte[] of(byte[] groupPrefix, String entityKey) {
    byte[] utf8 = entityKey.getBytes(StandardCharsets.UTF_8);
    byte[] key = Arrays.copyOf(groupPrefix, groupPrefix.length + utf8.length);
    System.arraycopy(utf8, 0, key, groupPrefix.length, utf8.length);
    return key;
  }
}
