/**
 * The style sheet of the HTML report: light and dark by the reader's system, from 400 pixels up,
 * and on paper. Colours never carry a meaning alone: verdicts and outcomes also have words, icons,
 * shapes or dashes.
 */

const DARK = `
  --page: #0f1318; --card: #171d24; --ink: #e8edf2; --soft: #9aa7b4; --line: #2b3540; --faint: #212932;
  --ok-bar: #5b9bd5; --ok-fill: #24405c; --ok-ink: #d5e8fa;
  --fail-bar: #e0954a; --fail-fill: #46331f; --fail-ink: #f8dcbd;
  --info-bar: #ab8ce4; --info-fill: #392e52; --info-ink: #e6dbfb;
  --mark: #ff5d67; --mark-fill: #8f1d2c; --mark-ink: #fff;
  --band: rgba(240, 185, 60, .09); --band-line: rgba(240, 185, 60, .4); --band-name: #5a4716; --band-ink: #ffe3a1;
  --valid: #45c486; --invalid: #ff6b74; --unknown: #f0b93c; --link: #74b5f2; --shade: rgba(116, 181, 242, .12);
`;

/** The whole style sheet. */
export const style: string = `
:root {
  --page: #f4f6f8; --card: #fff; --ink: #17212b; --soft: #5a6876; --line: #d5dce3; --faint: #ebeff3;
  --ok-bar: #3d7fbf; --ok-fill: #d8e8f7; --ok-ink: #163a5c;
  --fail-bar: #c8701a; --fail-fill: #fbe6d0; --fail-ink: #6b3705;
  --info-bar: #7d5fc0; --info-fill: #e8e0f7; --info-ink: #3c2673;
  --mark: #c8102e; --mark-fill: #c8102e; --mark-ink: #fff;
  --band: rgba(222, 160, 20, .12); --band-line: rgba(186, 128, 6, .4); --band-name: #f6dc9a; --band-ink: #5e4300;
  --valid: #0f7a45; --invalid: #c8102e; --unknown: #946200; --link: #1a66b0; --shade: rgba(26, 102, 176, .1);
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --verdict: var(--unknown);
}
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
:root.valid { --verdict: var(--valid); }
:root.invalid { --verdict: var(--invalid); }
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
}
main { max-width: 1360px; margin: 0 auto; padding: 24px 24px 0; }
section, .verdict, .facts {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 22px; margin: 0 0 16px;
}
h2 { font-size: 18px; line-height: 1.3; margin: 0 0 4px; }
.chart + h2 { margin-top: 22px; }
p { margin: 0 0 10px; }
.lead { color: var(--soft); max-width: 90ch; }
.lead:empty { display: none; }
code, pre { font-family: var(--mono); font-size: 13px; }
pre { overflow: auto; max-height: 60vh; background: var(--faint); border-radius: 6px; padding: 12px; margin: 10px 0 0; line-height: 1.35; }
details > summary { cursor: pointer; color: var(--link); }
section > details { margin-top: 12px; }
section > details:first-child { margin-top: 0; }
ol.orders { margin: 8px 0 10px; padding-left: 26px; }
ol.orders li { margin: 3px 0; }
ol.orders .refused { color: var(--invalid); font-weight: 700; text-decoration: line-through; text-decoration-thickness: 1px; }
ol.orders .why { color: var(--soft); margin-left: 6px; }
ol.cycle { list-style: none; margin: 10px 0 4px; padding: 0 0 0 18px; border-left: 3px solid var(--invalid); border-top: 3px solid var(--invalid); border-bottom: 3px solid var(--invalid); border-radius: 10px 0 0 10px; padding-top: 14px; padding-bottom: 8px; max-width: 90ch; }
.cycle .transaction { border: 1.5px solid var(--line); border-radius: 8px; padding: 8px 14px; background: var(--faint); width: fit-content; max-width: 100%; }
.cycle .transaction strong { font-family: var(--mono); }
.cycle .transaction span, .cycle .kind { color: var(--soft); font-size: 12.5px; }
.cycle ul { list-style: none; margin: 4px 0 0; padding: 0; }
.cycle ul li { color: var(--soft); overflow-wrap: anywhere; }
.cycle ul .matters { color: var(--ink); font-weight: 700; }
.cycle .step { margin: 6px 0 8px 16px; overflow-wrap: anywhere; }
.cycle .arrow { color: var(--invalid); font-weight: 700; margin-right: 4px; }
.cycle .step b { font-family: var(--mono); border: 1px solid var(--ink); border-radius: 4px; padding: 0 5px; }
.cycle .step b.rw { color: var(--invalid); border-color: var(--invalid); }
svg.sequence { display: block; margin: 6px 0 4px; }
.sequence text { font: 11px/1 var(--mono); fill: var(--soft); dominant-baseline: central; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.sequence .lane text { font-size: 13px; font-weight: 700; text-anchor: middle; fill: var(--ink); }
.sequence .lane line { stroke: var(--soft); stroke-width: 1.2; opacity: .6; }
.sequence .process line { stroke-dasharray: 2 4; }
.sequence .tick, .sequence .idle text, .sequence .span text { text-anchor: end; }
.sequence .idle line { stroke: var(--line); stroke-width: 5; stroke-dasharray: 2 6; }
.sequence .idle text { font-size: 10px; font-style: italic; }
.sequence .span text { font-size: 12px; font-weight: 600; fill: var(--ink); }
.sequence .span.required text { fill: var(--mark); font-weight: 700; }
.sequence .strike line { stroke: var(--band-line); stroke-dasharray: 6 3; }
.sequence .strike text { fill: var(--band-ink); stroke: none; font-weight: 700; text-anchor: end; }
.sequence .strike .band { fill: var(--band-name); stroke-width: 1; opacity: .75; }
.sequence .shaft { fill: none; stroke: var(--soft); stroke-width: 1.3; }
.sequence .touch { fill: none; stroke: transparent; stroke-width: 11; }
.sequence .message:not(.delivered) .shaft { stroke-dasharray: 2 3; }
.sequence .cross { fill: none; stroke: var(--fail-bar); stroke-width: 2; }
.sequence marker path { fill: var(--soft); }
.sequence marker.marked path { fill: var(--mark); }
.sequence .message.marked .shaft { stroke: var(--mark); stroke-width: 1.8; }
.sequence .message.marked text { fill: var(--mark); }
.sequence .message:hover .shaft { stroke-width: 3; }
.sequence .message:hover text { fill: var(--ink); font-weight: 700; }
.sequence .background { opacity: .45; display: none; }
.sequence.with-background .background { display: inline; }
.sequence .hidden, .sequence.with-background .hidden { display: none; }
#message-toggles { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: baseline; }
.kinds-shown .toolbar { margin: 8px 0 2px; }
svg.lattice { display: block; margin: 6px auto 4px; }
.lattice path { fill: none; stroke: var(--line); stroke-width: 1.5; }
.lattice rect { fill: var(--card); stroke: var(--of); stroke-width: 1.2; }
.lattice text { font: 12.5px/1 var(--mono); text-anchor: middle; dominant-baseline: central; fill: var(--of); }
.lattice .edge rect { stroke-width: 3; }
.lattice .edge text { font-weight: 700; }
.lattice .valid, .levels .valid { --of: var(--valid); }
.lattice .invalid, .levels .invalid { --of: var(--invalid); }
.lattice .unknown, .levels .unknown { --of: var(--unknown); }
.levels td:first-child { font-family: var(--mono); font-size: 12.5px; color: var(--of); }
.levels .edge td:first-child { font-weight: 700; }
.isolation-groups { display: flex; flex-wrap: wrap; gap: 8px 48px; }
.isolation-groups h3 { margin: 6px 0 2px; font-size: 14px; }
.isolation-groups ul { list-style: none; margin: 0 0 8px; padding: 0; }
.isolation-groups li { margin: 3px 0; }
.isolation-groups .note { color: var(--soft); }
.isolation-groups code { color: var(--of); font-weight: 700; }
table.isolation { width: auto; }
.isolation th { color: var(--ink); font: 12.5px/1.5 var(--mono); font-weight: 400; text-align: left; padding: 1px 14px 1px 0; border: 0; }
.isolation th[scope="col"] { font-family: inherit; color: var(--soft); text-align: center; }
.isolation td { text-align: center; color: var(--of); border: 0; padding: 1px 14px; }
.isolation-groups .valid, .isolation .valid { --of: var(--valid); }
.isolation-groups .invalid, .isolation .invalid { --of: var(--invalid); }
.isolation-groups .unknown, .isolation .unknown { --of: var(--unknown); }
.levels .note { color: var(--soft); white-space: normal; width: 100%; }
h3.broken { font-size: 15px; margin: 16px 0 4px; color: var(--invalid); }
footer { color: var(--soft); font-size: 13px; text-align: center; padding: 8px 24px 28px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }

.verdict { display: flex; gap: 20px; align-items: flex-start; border-left: 8px solid var(--verdict); }
.badge {
  flex: none; width: 68px; height: 68px; border-radius: 50%; background: var(--verdict); color: var(--card);
  font: 700 42px/68px var(--mono); text-align: center;
}
.words { min-width: 0; }
.reason, .anomaly, .lead { text-wrap: pretty; }
h1 { font-size: 30px; line-height: 1.15; margin: 0 0 4px; overflow-wrap: anywhere; font-weight: 500; }
h1 strong { color: var(--verdict); letter-spacing: .02em; margin-right: .3em; font-weight: 800; }
h1 span { font-size: 22px; color: var(--soft); }
.headline { font-size: 17px; font-weight: 600; margin: 0 0 4px; }
.reason, .anomaly { font-size: 16px; margin: 0 0 6px; overflow-wrap: anywhere; max-width: 100ch; }
.caution { border-left: 3px solid var(--unknown); padding-left: 10px; margin: 10px 0; overflow-wrap: anywhere; }

.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px 20px; }
.facts div { min-width: 0; }
dt { color: var(--soft); font-size: 12px; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }

.toolbar { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; margin: 12px 0 10px; }
[hidden] { display: none !important; }
.group { display: inline-flex; flex-wrap: wrap; }
button, select {
  font: inherit; font-size: 13px; color: var(--ink); background: var(--card); border: 1px solid var(--line);
  padding: 4px 11px; min-height: 32px; cursor: pointer; border-radius: 6px;
}
.group button { border-radius: 0; margin-left: -1px; }
.group button:first-child { border-radius: 6px 0 0 6px; margin-left: 0; }
.group button:last-child { border-radius: 0 6px 6px 0; }
button:hover { background: var(--faint); }
button[aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: var(--card); }
button:disabled { color: var(--soft); opacity: .55; cursor: default; }
button:focus-visible { position: relative; z-index: 1; }
.hint { color: var(--soft); font-size: 12.5px; }

.timeline { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.scroller { overflow-x: hidden; overflow-y: auto; }
.stage { position: sticky; top: 0; overflow: hidden; }
.stage:focus-visible { outline-offset: -3px; }
.stage svg { display: block; position: relative; touch-action: pan-y; cursor: grab; user-select: none; }
.stage svg.pointing { cursor: pointer; }
.stage svg:active { cursor: grabbing; }
.stage canvas { position: absolute; }
.stage text { font: 12px/1 var(--mono); dominant-baseline: central; fill: var(--ink); }
.names text { text-anchor: end; fill: var(--soft); }
.names line { stroke: var(--line); }
.reason::first-letter, .anomaly::first-letter, .lead::first-letter { text-transform: uppercase; }
.axis text { text-anchor: middle; fill: var(--soft); font-size: 11px; }
.axis line { stroke: var(--line); stroke-dasharray: 2 4; }
.band { fill: var(--band); stroke: var(--band-line); stroke-dasharray: 4 3; }
.fault .name { fill: url(#hatch); stroke: var(--band-line); }
.hatch-ground { fill: var(--band-name); }
.hatch-line { fill: var(--band-line); opacity: .35; }
.fault text { fill: var(--band-ink); font-weight: 700; paint-order: stroke; stroke: var(--band-name); stroke-width: 4px; }
.bar { fill: var(--ok-fill); stroke: var(--ok-bar); }
.tail { fill: none; }
.operation text { fill: var(--ok-ink); pointer-events: none; }
.operation text.outside { fill: var(--ink); }
.fail .bar { fill: var(--fail-fill); stroke: var(--fail-bar); stroke-dasharray: 3 2; }
.fail text { fill: var(--fail-ink); }
.info .bar { fill: var(--info-fill); stroke: var(--info-bar); }
.info .tail { fill: url(#fade-info); }
.info text { fill: var(--info-ink); }
.info-stop { stop-color: var(--info-bar); }
.required-stop { stop-color: var(--mark); }
.required .bar { fill: var(--mark-fill); stroke: var(--mark); stroke-dasharray: none; }
.required .tail { fill: none; }
.required.info .tail { fill: url(#fade-required); }
.required text { fill: var(--mark-ink); font-weight: 700; }
.required text.outside { fill: var(--mark); }
.forgotten { opacity: .5; }
.forgotten .bar { stroke-dasharray: 2 3; }
.operation:hover .bar { stroke-width: 2; }
.selected .bar { stroke: var(--ink); stroke-width: 2.5; }
.selected { opacity: 1; }

.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 10px 0 0; font-size: 12.5px; color: var(--soft); }
.chart .legend { margin: 4px 0 4px; }
.key { display: inline-flex; align-items: center; gap: 6px; }
.ok-dot { fill: var(--ok-bar); } .info-dot { fill: var(--info-bar); }
.fail-dot { fill: none; stroke: var(--fail-bar); stroke-width: 1.8; }
.line { stroke: var(--ink); stroke-width: 1.6; }
.ok-line, .rate-ok .outline { stroke: var(--ok-bar); }
.fail-line, .rate-fail .outline { stroke: var(--fail-bar); }
.info-line, .rate-info .outline { stroke: var(--info-bar); }
.ok-line, .fail-line, .info-line { stroke-width: 2.2; }
.fail-line, .rate-fail .outline { stroke-dasharray: 6 3; }
.info-line, .rate-info .outline { stroke-dasharray: 2 3; }
.ok-bar { --of: var(--ok-bar); fill: var(--ok-fill); } .fail-bar { --of: var(--fail-bar); fill: var(--fail-fill); }
.info-bar { --of: var(--info-bar); fill: var(--info-fill); }
.required-bar { --of: var(--mark); fill: var(--mark-fill); }
.forgotten-bar { --of: var(--ok-bar); fill: var(--ok-fill); opacity: .5; }
svg.band { --of: var(--band-line); fill: var(--band-name); stroke: none; }
.key rect { stroke: var(--of); stroke-width: 2; }

.details-panel:not(:empty) { margin-top: 12px; padding: 12px 16px; border: 1px solid var(--line); border-radius: 8px; }
.title { margin: 0 0 6px; overflow-wrap: anywhere; }
.title strong { font-family: var(--mono); }
.title span { color: var(--mark); font-size: 12.5px; margin-left: 10px; }
.details-panel dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 8px 18px; margin: 0; }
#tooltip {
  position: fixed; z-index: 2; pointer-events: none; max-width: min(380px, 92vw); padding: 9px 12px; border-radius: 8px;
  background: var(--card); border: 1px solid var(--line); box-shadow: 0 6px 22px rgba(0, 0, 0, .22); font-size: 13px;
}
#tooltip dl { margin: 0; }
#tooltip dl div { display: grid; grid-template-columns: 92px 1fr; gap: 8px; }
#tooltip dd { font-weight: 500; font-family: var(--mono); font-size: 12px; max-height: 8em; overflow: hidden; }

.plot { position: relative; }
.plot canvas { position: absolute; }
.plot > svg { position: relative; display: block; overflow: visible; }
.chart-axis text { fill: var(--soft); font: 11.5px/1 var(--mono); }
.chart-axis line { stroke: var(--line); }
.chart-axis .domain { stroke: none; }
.quantile { fill: none; stroke: var(--ink); stroke-width: 1.6; stroke-linejoin: round; }
.quantile[stroke-dasharray=""] { stroke-linecap: round; }
.outline { fill: none; stroke-width: 2; }
.ground { stroke: none; opacity: .14; }
.rate-ok .ground { fill: var(--ok-bar); } .rate-fail .ground { fill: var(--fail-bar); } .rate-info .ground { fill: var(--info-bar); }
.brush .selection { fill: var(--link); fill-opacity: .13; stroke: var(--link); stroke-width: 1.2; }
.brush .overlay { cursor: crosshair; touch-action: pan-y; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; margin-top: 8px; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: 12px; }
th, td { padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td:nth-child(8) { white-space: normal; min-width: 220px; overflow-wrap: anywhere; }
tr:last-child td { border-bottom: 0; }
td code { font-weight: 700; color: var(--mark); }
tr.dimmed { color: var(--soft); }
tr.dimmed code { color: inherit; font-weight: 400; }

.command { display: flex; gap: 10px; align-items: center; margin: 0 0 14px; }
.command:last-child { margin-bottom: 0; }
.command code { flex: 1; min-width: 0; background: var(--faint); border-radius: 6px; padding: 8px 12px; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
section > h2 + p { margin-top: 8px; }

@media (max-width: 620px) {
  main { padding: 10px 10px 0; }
  section, .verdict, .facts { padding: 14px; }
  .verdict { gap: 14px; }
  .badge { width: 46px; height: 46px; line-height: 46px; font-size: 28px; }
  h1 { font-size: 25px; } h1 span { display: block; font-size: 18px; }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .hint { display: none; }
  .command { align-items: stretch; flex-direction: column; }
}
@media print {
  :root { --page: #fff; }
  body { font-size: 12px; }
  main { max-width: none; padding: 0; }
  section, .verdict, .facts { break-inside: avoid; }
  section:has(> details:only-child:not([open])) { display: none; }
  .toolbar, .command button, section > details:not([open]) { display: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
