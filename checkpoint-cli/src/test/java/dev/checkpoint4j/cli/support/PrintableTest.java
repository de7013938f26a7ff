package dev.checkpoint4j.cli.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class PrintableTest {

  @Test
  void whatShowsStaysAsItIs() {
    String text = "Grüße, 你好, 🙂 \\ \"%2F\" a/b";

    assertThat(Printable.line(text)).isSameAs(text);
  }

  @Test
  void whatDoesNotShowIsEscaped() {
    assertThat(Printable.line("\u001B[2J\n\r\u007F\u0085\u2028\uFEFF"))
        .isEqualTo("\\u001b[2J\\u000a\\u000d\\u007f\\u0085\\u2028\\ufeff");
    assertThat(Printable.line("\uD800x")).isEqualTo("\\ud800x");
    assertThat(Printable.line("\uDB40\uDC01")).as("a tag").isEqualTo("\\udb40\\udc01");
  }

  @Test
  void lineBreaksOfADocumentStay() {
    assertThat(Printable.json("{\n  \"a\" : \"\u202E\"\n}"))
        .isEqualTo("{\n  \"a\" : \"\\u202e\"\n}");
  }

  @Test
  void aTableIsAlignedByItsFirstRowsAndGoesOnAfterThem() {
    StringWriter text = new StringWriter();
    TextTable table = new TextTable(new PrintWriter(text), "A", "B");
    for (int row = 0; row < 150; row++) {
      table.row(row == 50 ? "🙂🙂🙂" : "x", "y");
    }
    table.row("longer than all before", "y");
    table.end();

    assertThat(text.toString().lines()).hasSize(152);
    assertThat(text.toString().lines().limit(2)).containsExactly("A    B", "x    y");
    assertThat(text.toString().lines().skip(149))
        .containsExactly("x    y", "x    y", "longer than all before  y");
  }
}
