// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** One set for all windows against a set per tile. */
final class SlidingDistinctTest {
  private static final int CAPACITY = 30;
  private static final int REACH = 7;

  private record Sighting(long hash, long tile) {}

  /** The tiles of a ring, each with its values. */
  private static final class Tilewise {
    private final TreeMap<Long, Set<Long>> tiles = new TreeMap<>();

    boolean admits(long tile) {
      return tiles.containsKey(tile) || tiles.size() < CAPACITY || tile > tiles.firstKey();
    }

    void add(Sighting sighting) {
      tiles.computeIfAbsent(sighting.tile, tile -> new HashSet<>()).add(sighting.hash);
      if (tiles.size() > CAPACITY) {
        tiles.pollFirstEntry();
      }
    }

    Set<Long> distinct(long first, long last) {
      Set<Long> all = new HashSet<>();
      tiles.subMap(first, true, last, true).values().forEach(all::addAll);
      return all;
    }

    /** The union of a HyperLogLog per tile. */
    double estimate(long first, long last) {
      DistinctSet union = new DistinctSet(0);
      for (Set<Long> tile : tiles.subMap(first, true, last, true).values()) {
        DistinctSet registers = new DistinctSet(0);
        tile.forEach(registers::add);
        union.addAll(registers);
      }
      return union.count();
    }
  }

  private static void add(SlidingDistinct values, Tilewise ring, Sighting sighting) {
    if (ring.admits(sighting.tile)) {
      ring.add(sighting);
      values.add(sighting.hash, sighting.tile, ring.tiles.firstKey(), ring.tiles.lastKey());
    }
  }

  @Test
  void count_anyOrderAndBound_isThatOfASetPerTile() {
    SplittableRandom random = new SplittableRandom(1);
    int estimated = 0;
    int exact = 0;
    for (int run = 0; run < 60; run++) {
      int bound = new int[] {5, 40, 1_000}[run % 3];
      int kinds = random.nextInt(1, 150);
      SlidingDistinct values = new SlidingDistinct(bound, REACH);
      Tilewise ring = new Tilewise();
      long newest = 1_000;
      for (int i = 0; i < 1_500; i++) {
        newest += random.nextInt(12) == 0 ? 1 + random.nextInt(3) : 0;
        newest += random.nextInt(700) == 0 ? 25 : 0;
        long late = random.nextInt(3) == 0 ? random.nextInt(40) : 0;
        add(values, ring, new Sighting(Hashing.mix(random.nextInt(kinds)), newest - late));
        if (i % 5 == 0) {
          long last = ring.tiles.lastKey() - random.nextInt(REACH + 1);
          long first = last - random.nextInt(CAPACITY);
          int truth = ring.distinct(first, last).size();
          double count = values.count(first, last);
          int all = ring.distinct(ring.tiles.firstKey(), ring.tiles.lastKey()).size();
          if (all <= bound || count == truth) {
            assertThat(count).isEqualTo(truth);
            exact++;
          } else {
            // Beyond the bound, and only for a window that reaches back that far.
            assertThat(ring.distinct(first, ring.tiles.lastKey()).size()).isGreaterThan(bound);
            assertThat(count).isEqualTo(ring.estimate(first, last));
            estimated++;
          }
        }
      }
    }
    assertThat(estimated).isGreaterThan(1_000);
    assertThat(exact).isGreaterThan(1_000);
  }

  @Test
  void write_sameSightingsInAnyOrder_giveTheSameBytes() {
    SplittableRandom random = new SplittableRandom(2);
    for (int run = 0; run < 200; run++) {
      int bound = run % 2 == 0 ? 20 : 1_000;
      List<Sighting> sightings = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        sightings.add(new Sighting(Hashing.mix(random.nextInt(90)), random.nextInt(CAPACITY)));
      }
      byte[] bytes = bytes(of(bound, sightings));
      Collections.shuffle(sightings, new Random(run));
      assertThat(bytes(of(bound, sightings))).isEqualTo(bytes);
      sightings.removeLast();
      sightings.add(new Sighting(Hashing.mix(1_000), CAPACITY - 1));
      assertThat(bytes(of(bound, sightings))).isNotEqualTo(bytes);
    }
  }

  private static SlidingDistinct of(int bound, List<Sighting> sightings) {
    SlidingDistinct values = new SlidingDistinct(bound, REACH);
    Tilewise ring = new Tilewise();
    sightings.forEach(sighting -> add(values, ring, sighting));
    return values;
  }

  private static byte[] bytes(SlidingDistinct values) {
    ByteWriter out = new ByteWriter();
    SlidingDistinctCodec.writeHead(values, out, 0);
    SlidingDistinctCodec.write(values, 0, values.size(), out);
    SlidingHyperLogLog estimator = values.estimator();
    if (estimator != null) {
      estimator.write(0, SlidingHyperLogLog.REGISTERS, values.newest(), out);
    }
    return out.toBytes();
  }
}
