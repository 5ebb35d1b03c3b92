// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.millrace.datasets.DatasetOrder.LostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DatasetOrderTest {
  /** Datasets with the numbers from 1; each step may lose the one that it is about. */
  private static final class Losing implements DatasetOrder.Source<Integer, Integer> {
    private final Random random;
    private final List<String> waits = new ArrayList<>();
    private int asked;
    private int looks;

    Losing(long seed) {
      random = new Random(seed);
    }

    private void perhapsLost(int id) throws LostException {
      if (random.nextInt(3) == 0) {
        throw new LostException("dataset " + id + " is lost");
      }
    }

    @Override
    public String ask() throws LostException {
      looks = 0;
      asked++;
      perhapsLost(asked);
      return Integer.toString(asked);
    }

    @Override
    public Optional<Integer> ready(String id) throws LostException {
      assertThat(id).as("the one that was asked for last").isEqualTo(Integer.toString(asked));
      perhapsLost(asked);
      looks++;
      return looks > 3 ? Optional.of(asked) : Optional.empty();
    }

    @Override
    public Integer fetch(Integer ready) throws LostException {
      assertThat(looks).isEqualTo(4);
      perhapsLost(ready);
      return ready;
    }

    @Override
    public void pause(String why) {
      waits.add(why);
    }
  }

  @Test
  void progress_whatIsKnown_isSaid() {
    assertThat(DatasetOrder.progress("writing", 12_500, 50_000))
        .isEqualTo("writing: 12,500 of 50,000 rows, 25 %");
    assertThat(DatasetOrder.progress("reading moments", 4_000, 0))
        .isEqualTo("reading moments: 4,000 rows");
    assertThat(DatasetOrder.progress("waiting", 0, 0)).isEqualTo("waiting");
  }

  @Test
  void get_lostAtAnyStep_isAskedForAgainUntilItIsFetched() throws InterruptedException {
    int again = 0;
    for (int seed = 0; seed < 200; seed++) {
      Losing source = new Losing(seed);
      assertThat(DatasetOrder.get(source)).isEqualTo(source.asked);
      assertThat(source.waits.stream().filter(why -> why.endsWith("asked for again")).count())
          .isEqualTo(source.asked - 1L);
      again += source.asked - 1;
    }
    assertThat(again).isGreaterThan(200);
  }

  @Test
  void get_noPatienceLeft_ends() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                DatasetOrder.get(
                    new DatasetOrder.Source<String, String>() {
                      @Override
                      public String ask() {
                        return "ds-1";
                      }

                      @Override
                      public Optional<String> ready(String id) {
                        return Optional.empty();
                      }

                      @Override
                      public String fetch(String ready) {
                        return ready;
                      }

                      @Override
                      public void pause(String why) {
                        throw new IllegalStateException(why);
                      }
                    }))
        .withMessageContaining("ds-1 was not ready");
  }

  @Test
  void isLost_statusesThatAnotherQuestionMends() {
    assertThat(List.of(404, 502)).allMatch(DatasetOrder::isLost);
    assertThat(List.of(200, 202, 400, 401, 409, 429, 500, 503, 504))
        .noneMatch(DatasetOrder::isLost);
  }
}
