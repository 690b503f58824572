/**
 * The page of a report: one file that asks nobody for anything. No script runs; its policy allows the one style sheet by its hash and nothing
 * else; its figures are embedded as JSON beside the pictures.
 */
import { isMissing } from '../figures/part.ts';
import { groupsCard } from '../pictures/groups.ts';
import type { ProtocolReport, Report } from '../report.ts';
import { type Section, sectionsOf } from './figures.ts';
import { KIND, leadOf, tilesOf, titleOf } from './head.ts';
import { embeddedJson, html, type Markup, Markup as Raw } from './html.ts';
import { STYLE } from './style.ts';
import { shortHash, three } from './words.ts';

/** The first bytes of every report: a file that begins so is ours to replace. */
export const REPORT_MARK = '<!doctype html>\n<!-- report written by optikal -->\n';

/** `sha256`: base64 of the SHA-256 of a text. */
export function reportPage(report: Report, sha256: (text: string) => string): string {
  const title = titleOf(report);
  const parts =
    report.kind === 'protocol'
      ? report.runs.map((run) => runOf(report, run))
      : [{ heading: null, tiles: tilesOf(report), sections: sectionsOf(report, '') }];
  const policy = `default-src 'none'; style-src 'sha256-${sha256(STYLE)}'; base-uri 'none'; form-action 'none'`;
  const page = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Raw(STYLE)}</style>
</head>
<body>
<header>
<p class="kind">Optikal · ${KIND[report.kind]} · ${report.source}</p>
<h1>${title}</h1>
${leadOf(report)}
${report.kind === 'protocol' ? permuted(report) : null}
<nav aria-label="sections">${parts.map(({ heading, sections }) => html`<ul class="nav">${heading === null ? null : html`<li>${heading}:</li>`}${sections.map((section) => html`<li><a href="#${section.id}">${section.title}</a></li>`)}</ul>`)}</nav>
</header>
<main>
${parts.map(
  ({ heading, tiles, sections }) => html`${heading === null ? null : html`<h2>${heading}</h2>`}${tiles}
${sections.map(sectionOf)}`,
)}
</main>
<footer>${made(report)} All figures of this page are in it as JSON, in the element <code>#optikal-report</code>.</footer>
<script type="application/json" id="optikal-report">${embeddedJson(report)}</script>
</body>
</html>
`;
  return REPORT_MARK + page.text;
}

function runOf(report: ProtocolReport, run: ProtocolReport['runs'][number]) {
  const prefix = `${run.leave}-`;
  const groups: Section = { id: `${prefix}groups`, title: `Each ${run.leave}`, rows: [[groupsCard(`${prefix}groups-picture`, run)]] };
  const several = report.runs.length > 1;
  return {
    heading: several ? `One ${run.leave} left out` : null,
    tiles: tilesOf(run.figures),
    sections: [groups, ...sectionsOf(run.figures, prefix)],
  };
}

function permuted({ permuted: found }: ProtocolReport): Markup {
  return found === null
    ? html`<p class="note">Permuted labels were not asked for: <code>--permutations 20</code> shows what this protocol finds where there is nothing to find.</p>`
    : html`<p class="note">Where labels are permuted within groups, so that there is nothing to find, the same protocol (one suite left out) finds an AUROC of ${three(found.mean)}, mean of ${found.permutations}.</p>`;
}

function sectionOf({ id, title, rows }: Section): Markup {
  return html`<section id="${id}"><h2>${title}</h2>${rows.map((cards) => html`<div class="cards">${cards}</div>`)}</section>
`;
}

function made(report: Report): string {
  if (report.kind === 'protocol') return `Seed ${report.seed}.`;
  const group =
    isMissing(report.measured) || report.measured.auroc.interval === null
      ? ''
      : ' Intervals are bootstrapped over whole groups (agents, or model and suite).';
  return `Bundle ${shortHash(report.fingerprint)}….${group}`;
}
