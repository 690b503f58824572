/** The one style sheet of a page. A constant text, so that the page's policy can allow it by its hash and nothing else. */
import { DARK, LIGHT, type Palette } from './palette.ts';

const variables = ({ ground, card, ink, soft, grid, series, quiet, heat }: Palette): string =>
  [
    `--ground:${ground};--card:${card};--ink:${ink};--soft:${soft};--grid:${grid};--quiet:${quiet};`,
    ...series.map((color, i) => `--s${i + 1}:${color};`),
    ...heat.map(([fill, text], i) => `--h${i}:${fill};--t${i}:${text};`),
  ].join('');

const SERIES = [1, 2, 3, 4, 5, 6];

export const STYLE = `
:root{color-scheme:light dark;${variables(LIGHT)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(DARK)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;-webkit-text-size-adjust:100%;overflow-wrap:break-word}
main,header,footer{max-width:1180px;margin:0 auto;padding:0 20px}
header{padding-top:40px}
h1{font-size:clamp(1.5rem,1.1rem + 2vw,2.25rem);line-height:1.2;margin:4px 0 12px;letter-spacing:-.01em}
h2{font-size:1.3rem;margin:44px 0 4px;letter-spacing:-.005em}
h3{font-size:1rem;margin:0;line-height:1.35;overflow-wrap:anywhere}
p{margin:0 0 12px;max-width:74ch}
.lead{font-size:1.06rem;line-height:1.6}
.kind,.note,.read,footer,.nav{color:var(--soft)}
.kind{font-size:.85rem;margin:0}
.note,.read{font-size:.875rem;line-height:1.5;margin:4px 0 10px}
a{color:var(--s1)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--s1);outline-offset:2px;border-radius:4px}
code{font:.92em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.nav{font-size:.9rem;display:flex;flex-wrap:wrap;gap:4px 16px;margin:18px 0 0;padding:0;list-style:none}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,215px),1fr));gap:12px;margin:20px 0 0;padding:0}
.tile,.card{background:var(--card);border:1px solid var(--grid);border-radius:10px}
.tile{padding:14px 16px;margin:0}
.tile dt{font-size:.85rem;color:var(--soft)}
.tile dd{margin:0}
.tile .big{font-size:1.55rem;font-weight:650;line-height:1.25;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.tile .small{font-size:.84rem;line-height:1.45;color:var(--soft)}
.cards{display:grid;align-items:stretch;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:14px;margin:14px 0 0}
.card{margin:0;padding:16px;min-width:0;display:flex;flex-direction:column}
.card.wide{grid-column:1/-1}
.card>figcaption{margin-bottom:8px}
.card>details{margin-top:auto;padding-top:8px}
.card>svg{display:block;width:100%;max-width:420px;height:auto;margin:0 auto}
@supports (grid-template-rows:subgrid){.cards{row-gap:0}.card{display:grid;grid-template:subgrid/minmax(0,1fr);grid-row:span 6;margin-bottom:14px}.card>figcaption{grid-row:1}.card>.legend{grid-row:2}.card>svg{grid-row:3;align-self:end}.card>figcaption+svg{grid-row:2/span 2;align-self:start}.card>.scroll,.card>.note{grid-row:4}.card>ol{grid-row:5}.card>details{grid-row:6;margin-top:0;align-self:end}}
.card.missing{border-style:dashed;background:none;align-self:start;display:block}
.missing p{margin:0}
svg text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--soft)}
svg .strong{fill:var(--ink);font-weight:600}
svg .axis{stroke:var(--quiet);stroke-width:1;fill:none}
svg .rule{stroke:var(--grid);stroke-width:1;fill:none}
svg .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
svg .first{stroke-width:2.6}
svg .chance{stroke:var(--quiet);stroke-width:1.2;stroke-dasharray:2 4;fill:none}
svg .limit{stroke:var(--ink);stroke-width:1.3;stroke-dasharray:5 3;fill:none}
svg .hollow{fill:var(--card);stroke-width:1.8}
${SERIES.map((i) => `svg .l${i}{stroke:var(--s${i})}svg .f${i}{fill:var(--s${i})}`).join('')}
svg .l0{stroke:var(--quiet)}svg .f0{fill:var(--quiet)}svg .lk{stroke:var(--ink)}svg .fk{fill:var(--ink)}
svg .d1{stroke-dasharray:none}svg .d2{stroke-dasharray:7 3}svg .d3{stroke-dasharray:2 3}svg .d4{stroke-dasharray:9 3 2 3}svg .d5{stroke-dasharray:5 2}svg .d6{stroke-dasharray:1 4}
.legend{list-style:none;margin:0 0 8px;padding:0;display:flex;flex-wrap:wrap;align-content:flex-start;gap:2px 16px;font-size:.84rem;line-height:1.5}
.legend li{display:flex;gap:7px;align-items:baseline;min-width:0}
.legend svg{flex:none;width:26px;height:10px}
.legend b{font-weight:600;font-variant-numeric:tabular-nums}
details{font-size:.875rem}
summary{cursor:pointer;color:var(--soft);width:fit-content}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.875rem;line-height:1.4;font-variant-numeric:tabular-nums;width:100%}
caption{text-align:left;color:var(--soft);padding:6px 0}
th,td{padding:5px 8px;text-align:right;vertical-align:top;border-bottom:1px solid var(--grid)}
th:first-child,td:first-child{text-align:left;padding-left:0}
th{font-weight:600}
thead th{color:var(--soft);font-weight:500;vertical-align:bottom}
td.text,th.text{text-align:left}
td:not(.text){white-space:nowrap}
table.heat{border-collapse:separate;border-spacing:3px;table-layout:fixed}
table.heat td{white-space:normal;border:0;border-radius:6px;text-align:center;padding:6px 2px}
table.heat td b{display:block;font-weight:650}
table.heat td span{display:block;font-size:.78rem}
table.heat th{vertical-align:middle;border:0;padding:4px 4px 4px 0;font-size:.84rem;overflow-wrap:break-word;hyphens:auto}
table.heat thead th{text-align:center;font-size:.8rem}
table.heat td.all{outline:1px solid var(--quiet);outline-offset:-1px}
${[0, 1, 2, 3, 4].map((i) => `.h${i}{background:var(--h${i});color:var(--t${i})}`).join('')}
table.heat td.none{color:var(--soft)}
table.heat .brief{display:none}
abbr{text-decoration:none}
.fact{white-space:nowrap}.soft{color:var(--soft)}
ol.reasons{margin:6px 0 0;padding-left:20px;font-size:.875rem;line-height:1.45}
.story{font-weight:600}
footer{font-size:.85rem;padding-top:32px;padding-bottom:48px}
@media (max-width:600px){table.heat .long{display:none}table.heat .brief{display:inline}table.heat tr{display:flex;flex-wrap:wrap;gap:3px;margin-bottom:6px}table.heat thead,table.heat tbody{display:block}table.heat{display:block}table.heat tbody th{flex:0 0 100%;padding:2px 0 0}table.heat thead th:first-child{display:none}table.heat thead th{flex:1 1 0;min-width:0;padding:0;font-size:.72rem}table.heat td{flex:1 1 0;min-width:0;font-size:.84rem}table.heat td span{font-size:.7rem;line-height:1.3}
table.stack,table.stack caption,table.stack tbody,table.stack tr,table.stack th,table.stack td{display:block}table.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}table.stack th{padding:12px 0 2px;border:0}table.stack td{white-space:normal;display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 12px;padding:3px 0;text-align:right}table.stack td .soft{flex:0 0 100%}table.stack td::before{content:attr(data-label);color:var(--soft);text-align:left;flex:1 0 40%}}
@media (max-width:480px){main,header,footer{padding-left:12px;padding-right:12px}header{padding-top:24px}.card{padding:12px}th,td{padding:4px 5px}}
@media print{body{background:#fff;font-size:10.5pt}.card,.tile{break-inside:avoid;border-color:#bbb}h2,h3{break-after:avoid}.nav{display:none}.cards{grid-template-columns:repeat(2,1fr)}header{padding-top:0}.scroll{overflow:visible}.h0,.h1,.h2,.h3,.h4{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`.trim();
