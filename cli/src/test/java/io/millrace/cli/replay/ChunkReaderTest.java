// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChunkReaderTest {
  private static List<ChunkReader.Chunk> chunks(String text, boolean csv, int rows, long limit)
      throws IOException {
    List<ChunkReader.Chunk> chunks = new ArrayList<>();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (ChunkReader reader = new ChunkReader(new ByteArrayInputStream(bytes), csv, rows)) {
      long left = limit;
      ChunkReader.Chunk chunk = reader.next(left);
      while (chunk != null) {
        chunks.add(chunk);
        left -= chunk.rows();
        chunk = reader.next(left);
      }
    }
    return chunks;
  }

  private static List<String> bodies(List<ChunkReader.Chunk> chunks) {
    return chunks.stream().map(chunk -> new String(chunk.body(), StandardCharsets.UTF_8)).toList();
  }

  @Test
  void csv_headerBeforeEachChunk_recordsAreNumberedThrough() throws IOException {
    List<ChunkReader.Chunk> chunks = chunks("a,b\n1,2\n3,4\n5,6\n", true, 2, 99);

    assertThat(bodies(chunks)).containsExactly("a,b\n1,2\n3,4\n", "a,b\n5,6\n");
    assertThat(chunks).extracting(ChunkReader.Chunk::first).containsExactly(0L, 2L);
    assertThat(chunks).extracting(ChunkReader.Chunk::end).containsExactly(12L, 16L);
  }

  @Test
  void csv_lineFeedAndQuoteInsideQuotes_stayInTheirRecord() throws IOException {
    assertThat(bodies(chunks("a,b\n\"x\ny\",2\n\"say \"\"hi\"\"\",3\n", true, 1, 99)))
        .containsExactly("a,b\n\"x\ny\",2\n", "a,b\n\"say \"\"hi\"\"\",3\n");
  }

  @Test
  void csv_quoteInsideAFieldWithoutQuotes_isText() throws IOException {
    assertThat(bodies(chunks("a,b\n1,12\" pipe\n2,\"x\n\"\"y\",3\"\n3,4\n", true, 1, 99)))
        .containsExactly("a,b\n1,12\" pipe\n", "a,b\n2,\"x\n\"\"y\",3\"\n", "a,b\n3,4\n");
  }

  @Test
  void csv_quoteAfterByteOrderMarkOrEmptyLine_opensAField() throws IOException {
    assertThat(bodies(chunks("\uFEFF\"a\n\",b\r\n\r\n\"1\n\",2\n", true, 1, 99)))
        .containsExactly("\uFEFF\"a\n\",b\r\n\"1\n\",2\n");
  }

  @Test
  void csv_carriageReturnAlone_endsARecord() throws IOException {
    assertThat(bodies(chunks("a,b\r1,\"x\ry\"\r\r3,4", true, 1, 99)))
        .containsExactly("a,b\n1,\"x\ry\"\n", "a,b\n3,4\n");
  }

  @Test
  void csv_emptyLinesAndNoLastLineFeed_doNotCount() throws IOException {
    assertThat(bodies(chunks("\na\r\n\r\n1\r\n\n2", true, 9, 99))).containsExactly("a\r\n1\r\n2\n");
  }

  @Test
  void ndjson_quoteIsNoQuoting() throws IOException {
    assertThat(bodies(chunks("{\"a\":\"\\\"\"}\n  \n{}\n", false, 1, 99)))
        .containsExactly("{\"a\":\"\\\"\"}\n", "{}\n");
  }

  @Test
  void next_limitInsideAChunk_endsThere() throws IOException {
    assertThat(bodies(chunks("a\n1\n2\n3\n", true, 9, 2))).containsExactly("a\n1\n2\n");
  }

  @Test
  void csv_headerOnly_hasNoChunk() throws IOException {
    assertThat(chunks("a,b\n", true, 9, 99)).isEmpty();
  }

  @Test
  void csv_nothing_hasNoHeader() {
    assertThatThrownBy(() -> chunks("\n\n", true, 9, 99))
        .isInstanceOf(ReplayException.class)
        .hasMessage("the file has no header");
  }

  @Test
  void csv_quoteNeverClosed_namesTheLineWhereItOpens() {
    assertThatThrownBy(() -> chunks("a,b\n1,\"x\ny\",\n3,\"4\n5,6\n", true, 9, 99))
        .isInstanceOf(ReplayException.class)
        .hasMessage("line 4: a quote that opens in this record is never closed");
  }

  @Test
  void record_tooLong_namesItsLine() {
    String text = "{}\n" + "x".repeat(ChunkReader.RECORD_BYTES_MAX + 1) + "\n";
    assertThatThrownBy(() -> chunks(text, false, 9, 99))
        .isInstanceOf(ReplayException.class)
        .hasMessageStartingWith("line 2: a record has at most");
  }
}
