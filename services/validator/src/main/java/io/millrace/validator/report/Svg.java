// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.report.Html.at;
import static io.millrace.validator.report.Html.text;

import org.jspecify.annotations.Nullable;

/**
 * A picture inside the page, which scales it to the width that there is. Text comes as it is and is
 * made harmless here. Not thread-safe.
 */
final class Svg {
  private final StringBuilder markup = new StringBuilder();

  /**
   * @param kind class in the style of the page; null for none
   * @param label what is drawn, for those who cannot see it
   */
  Svg(@Nullable String kind, String label, double width, double height) {
    markup
        .append("<svg ")
        .append(kind == null ? "" : "class='" + kind + "' ")
        .append("role='img' aria-label='")
        .append(label)
        .append("' viewBox='0 0 ")
        .append(at(width))
        .append(' ')
        .append(at(height))
        .append("'>");
  }

  /** The upper left corner and the size of a bar. */
  record Box(double x, double y, double width, double height) {}

  /**
   * @param title shown where a person points at it; null for none
   */
  void bar(String kind, Box box, @Nullable String title) {
    markup
        .append("<rect class='")
        .append(kind)
        .append("' x='")
        .append(at(box.x()))
        .append("' y='")
        .append(at(box.y()))
        .append("' width='")
        .append(at(box.width()))
        .append("' height='")
        .append(at(box.height()))
        .append("'>")
        .append(titled(title))
        .append("</rect>");
  }

  /** A bar that leads to another page. */
  void link(String address, String kind, Box box, String title) {
    markup.append("<a href='").append(text(address)).append("'>");
    bar(kind, box, title);
    markup.append("</a>");
  }

  /**
   * @param course in the language of SVG
   */
  void line(String kind, String course, @Nullable String title) {
    markup
        .append("<path class='")
        .append(kind)
        .append("' d='")
        .append(course)
        .append("'>")
        .append(titled(title))
        .append("</path>");
  }

  /**
   * @param anchor which part of the text is at {@code x}: {@code start}, {@code middle}, {@code
   *     end}
   */
  void label(double x, double y, String anchor, String label, @Nullable String title) {
    markup
        .append("<text x='")
        .append(at(x))
        .append("' y='")
        .append(at(y))
        .append("' text-anchor='")
        .append(anchor)
        .append("'>")
        .append(text(label))
        .append(titled(title))
        .append("</text>");
  }

  private static String titled(@Nullable String title) {
    return title == null ? "" : "<title>" + text(title) + "</title>";
  }

  /** The whole picture; nothing can be drawn afterwards. */
  String markup() {
    return markup.append("</svg>").toString();
  }
}
