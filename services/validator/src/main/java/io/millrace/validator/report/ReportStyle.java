// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

/** How a report looks: in the page itself, since it stands alone; dark where the reader is. */
final class ReportStyle {
  private ReportStyle() {}

  static final String CSS =
      """
      :root{--ink:#1c2530;--soft:#66727f;--line:#dfe4e9;--paper:#fff;--now:#4a80c4;--then:#d9822b;
      --bad:#c0392b;--good:#2e8b57;--warn:#b7791f}
      @media(prefers-color-scheme:dark){:root{--ink:#e6eaee;--soft:#98a4b0;--line:#323c46;
      --paper:#161c22;--now:#5f97dd;--then:#f0a050;--bad:#e8705f;--good:#58b783;--warn:#e0b050}}
      body{font:14px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);
      max-width:1080px;margin:0 auto;padding:16px 20px}
      h1{font-size:22px;margin:0}h1 small,h3 small{color:var(--soft);font-weight:400}
      h1 b{font-size:14px;padding:2px 9px;border-radius:10px;color:#fff;vertical-align:3px}
      b.good{background:var(--good)}b.bad{background:var(--bad)}
      header p,.legend,.none{color:var(--soft);margin:4px 0}
      h2{font-size:16px;margin:22px 0 8px}h3{font-size:14px;margin:0 0 6px;overflow-wrap:anywhere}
      table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:4px 8px 4px 0;
      vertical-align:top;overflow-wrap:anywhere}.findings th,.findings td{border-bottom:1px solid var(--line)}
      th{font-weight:500;color:var(--soft)}.error td:first-child{color:var(--bad);font-weight:600}
      .warning td:first-child{color:var(--warn);font-weight:600}code{color:var(--soft);font-size:11px}
      td small{color:var(--soft)}
      .findings th{white-space:nowrap}.findings td:nth-child(-n+2){overflow-wrap:break-word}
      .clean{color:var(--good)}.columns{display:grid;gap:16px;
      grid-template-columns:repeat(auto-fill,minmax(min(330px,100%),1fr))}
      section{border:1px solid var(--line);border-radius:8px;padding:12px}
      .figures{margin-top:8px;font-size:12px}.figures th{width:42%}.figures td,.figures th{padding:1px 6px 1px 0}
      svg{width:100%;height:auto;display:block;overflow:visible}svg text{font-size:11px;fill:var(--soft)}
      rect.now{fill:var(--now)}rect.bad{fill:var(--bad)}rect.here{stroke:var(--ink);stroke-width:1.5}
      path.then{fill:none;stroke:var(--then);stroke-width:1.8}
      .legend i{display:inline-block;width:14px;height:10px;margin:0 3px 0 10px}
      .key-now{background:var(--now)}.key-then{border-top:2px solid var(--then);height:4px!important}
      a{color:var(--now)}
      """;
}
